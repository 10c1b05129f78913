-- p1 = 1
-- p2 = 1969556
-- p3 = [0,86400,172800,259200,345600,428400,514800]
-- p4 = "pay"
-- p5 = 1970160
SELECT roundDown((intDiv(toUnixTimestamp64Milli(time), 900000) - {p2:Int64}) * 900, {p3:Array(UInt32)}) AS bucket, count() AS m1, toUnixTimestamp64Milli(max(time)) AS lastMs
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p4:String}
  AND intDiv(toUnixTimestamp64Milli(time), 900000) >= {p2:Int64}
  AND intDiv(toUnixTimestamp64Milli(time), 900000) < {p5:Int64}
GROUP BY bucket
ORDER BY bucket
