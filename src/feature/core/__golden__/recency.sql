SELECT person,
  CAST([
    if(isFinite(({p3:Int64} - toUnixTimestamp64Milli(a1)) / 86400000), ({p3:Int64} - toUnixTimestamp64Milli(a1)) / 86400000, NULL),
    if(isFinite(({p3:Int64} - toUnixTimestamp64Milli(a2)) / 86400000), ({p3:Int64} - toUnixTimestamp64Milli(a2)) / 86400000, NULL),
    if(isFinite(({p3:Int64} - toUnixTimestamp64Milli(a3)) / 86400000), ({p3:Int64} - toUnixTimestamp64Milli(a3)) / 86400000, NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    minOrNullIf(time, event NOT IN {p2:Array(String)}) AS a1,
    maxOrNullIf(time, event NOT IN {p2:Array(String)}) AS a2,
    maxOrNullIf(time, event = {p4:String}) AS a3
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p5:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = 1773144000000
-- p4 = "$AppStart"
-- p5 = "2026-03-10 12:00:00.000"
