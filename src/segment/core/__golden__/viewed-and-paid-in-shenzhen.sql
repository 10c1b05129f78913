-- p1 = 1
-- p2 = ["view","pay"]
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = "pay"
-- p5 = "view"
-- p6 = 86400000
-- p7 = "properties.city"
-- p8 = "Shenzhen"
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND ifNull(dynamicElement({p7:Identifier}, 'String') = {p8:String}, 0)
) AS population
INNER JOIN (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event IN {p2:Array(String)}
    AND time <= {p3:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING arrayExists(r -> r.1 - r.2 <= {p6:Int64}, arrayMap(marks -> arrayFilter(r -> r.2 > 0, arrayMap((before, m) -> (intDiv(m, 4), if(m % 4 = 1 AND before % 4 = 2, intDiv(before, 4), 0)), arrayFill(m -> m % 4 != 1, marks), marks)), [arraySort(arrayConcat(arrayMap(t -> 4 * t + 1, groupArrayIf(toUnixTimestamp64Milli(time), event = {p4:String} AND time <= {p3:DateTime64(3, 'UTC')})), arrayMap(t -> 4 * t + 2, groupArrayIf(toUnixTimestamp64Milli(time), event = {p5:String} AND time <= {p3:DateTime64(3, 'UTC')}))))])[1]) = 1
) AS activity ON activity.person = population.person
ORDER BY person
