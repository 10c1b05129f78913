-- p1 = 1
-- p2 = ["pay","fraud"]
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "pay"
-- p6 = "properties.amount"
-- p7 = 999.5
-- p8 = "properties.city"
-- p9 = "Shenzhen"
-- p10 = "Asia/Shanghai"
-- p11 = 10
-- p12 = "properties.blocked"
-- p13 = true
-- p14 = "fraud"
-- p15 = 1
SELECT population.person AS person
FROM (
  SELECT user_id AS person, ifNull(dynamicElement({p8:Identifier}, 'String') = {p9:String}, 0) AS f1, isNull({p8:Identifier}) AS f2, ifNull(dynamicElement({p12:Identifier}, 'Bool') = {p13:Bool}, 0) AS f3
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
) AS population
INNER JOIN (
  SELECT person, ifNull(sumIf(dynamicElement({p6:Identifier}, 'Float64'), event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}), 0) AS m1, uniqExactIf(toDate(time, {p10:String}), event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) AS m2, countIf(event = {p14:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) AS m3
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event IN {p2:Array(String)}
    AND time > {p3:DateTime64(3, 'UTC')}
    AND time <= {p4:DateTime64(3, 'UTC')}
  GROUP BY person
) AS activity ON activity.person = population.person
WHERE ((activity.m1 > {p7:Float64} AND population.f1) OR (activity.m2 >= {p11:Float64} AND NOT (population.f2)))
  AND NOT (population.f3 OR activity.m3 >= {p15:Float64})
ORDER BY person
