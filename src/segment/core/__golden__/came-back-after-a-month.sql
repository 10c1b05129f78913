-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = "2026-03-03 12:00:00.000"
-- p5 = 1
-- p6 = "2026-02-01 12:00:00.000"
-- p7 = 0
-- p8 = 1769947200000
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event NOT IN {p2:Array(String)}
  AND time <= {p3:DateTime64(3, 'UTC')}
GROUP BY person
HAVING (countIf(event NOT IN {p2:Array(String)} AND time > {p4:DateTime64(3, 'UTC')} AND time <= {p3:DateTime64(3, 'UTC')}) >= {p5:Float64} AND countIf(event NOT IN {p2:Array(String)} AND time > {p6:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p7:Float64} AND ifNull(minOrNull(toUnixTimestamp64Milli(time)) <= {p8:Float64}, 0))
ORDER BY person
