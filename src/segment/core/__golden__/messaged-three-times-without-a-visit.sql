-- p1 = 1
-- p2 = "$MessageSent"
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p6 = 3
-- p7 = 0
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND ((event = {p2:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})
    OR (event NOT IN {p5:Array(String)} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}))
GROUP BY person
HAVING countIf(event = {p2:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) >= {p6:Float64}
  AND countIf(event NOT IN {p5:Array(String)} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p7:Float64}
ORDER BY person
