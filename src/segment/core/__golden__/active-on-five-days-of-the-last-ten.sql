-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-02-28 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "Asia/Shanghai"
-- p6 = 5
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event NOT IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING uniqExact(toDate(time, {p5:String})) >= {p6:Float64}
ORDER BY person
