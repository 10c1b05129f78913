-- p1 = 1
-- p2 = ["$MessageSent","$MessageOpened"]
-- p3 = "2026-03-03 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "$MessageSent"
-- p6 = 1
-- p7 = "$MessageOpened"
-- p8 = 0
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING countIf(event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) >= {p6:Float64}
  AND countIf(event = {p7:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p8:Float64}
ORDER BY person
