-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = 0
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
) AS population
LEFT JOIN (
  SELECT person, count() AS m1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event = {p2:String}
    AND time <= {p3:DateTime64(3, 'UTC')}
  GROUP BY person
) AS activity ON activity.person = population.person
WHERE activity.m1 <= {p4:Float64}
ORDER BY person
