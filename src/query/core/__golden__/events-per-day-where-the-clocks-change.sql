-- p1 = 1
-- p2 = 1772600400000
-- p3 = [0,86400,172800,259200,345600,428400,514800]
-- p4 = "pay"
-- p5 = "2026-03-04 05:00:00.000"
-- p6 = "2026-03-10 12:00:00.000"
SELECT bucket, count() AS m1
FROM (
  SELECT roundDown(intDiv(toUnixTimestamp64Milli(time) - {p2:Int64}, 1000), {p3:Array(UInt32)}) AS bucket
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event = {p4:String}
    AND time >= {p5:DateTime64(3, 'UTC')}
    AND time < {p6:DateTime64(3, 'UTC')}
) AS seen
GROUP BY bucket
ORDER BY bucket
