-- p1 = 1
-- p2 = ["add_to_cart","pay"]
-- p3 = "2026-03-07 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "add_to_cart"
-- p6 = 1
-- p7 = "pay"
-- p8 = 0
-- p9 = "properties.email"
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND isNotNull({p9:Identifier})
) AS population
INNER JOIN (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event IN {p2:Array(String)}
    AND time > {p3:DateTime64(3, 'UTC')}
    AND time <= {p4:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) >= {p6:Float64}
    AND countIf(event = {p7:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p8:Float64}
) AS activity ON activity.person = population.person
ORDER BY person
