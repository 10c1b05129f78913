-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-01-09 12:00:00.000"
-- p4 = "2026-02-08 12:00:00.000"
-- p5 = 1
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING count() >= {p5:Float64}
ORDER BY person
