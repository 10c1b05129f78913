-- p1 = 1
-- p2 = "sign_up"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = 0
-- p5 = "lst_00000000000000000000000000"
-- p6 = [4,6]
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND user_id IN (SELECT person FROM list_entry WHERE project_id = {p1:UInt32} AND list_id = {p5:String} AND upload IN {p6:Array(UInt32)} AND user_id > 0)
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
