-- p1 = 1
-- p2 = ["login","pay"]
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "properties.city"
-- p6 = ["Shenzhen","Guangzhou"]
-- p7 = 755
-- p8 = true
-- p9 = "pay"
-- p10 = "properties.amount"
-- p11 = 20
-- p12 = "login"
-- p13 = 1
SELECT population.person AS person
FROM (
  SELECT user_id AS person, (ifNull(dynamicElement({p5:Identifier}, 'String') IN {p6:Array(String)}, 0) OR ifNull(dynamicElement({p5:Identifier}, 'Float64') = {p7:Float64}, 0) OR ifNull(dynamicElement({p5:Identifier}, 'Bool') = {p8:Bool}, 0)) AS f1
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
) AS population
INNER JOIN (
  SELECT person, avgIf(dynamicElement({p10:Identifier}, 'Float64'), event = {p9:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) AS m1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event IN {p2:Array(String)}
    AND time > {p3:DateTime64(3, 'UTC')}
    AND time <= {p4:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event = {p12:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) >= {p13:Float64}
) AS activity ON activity.person = population.person
WHERE (population.f1 OR ifNull(activity.m1 >= {p11:Float64}, 0))
ORDER BY person
