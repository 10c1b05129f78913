-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = 1969556
-- p4 = 1970160
SELECT count() AS m1, toUnixTimestamp64Milli(max(time)) AS lastMs
FROM event
WHERE project_id = {p1:UInt32}
  AND event NOT IN {p2:Array(String)}
  AND intDiv(toUnixTimestamp64Milli(time), 900000) >= {p3:Int64}
  AND intDiv(toUnixTimestamp64Milli(time), 900000) < {p4:Int64}
