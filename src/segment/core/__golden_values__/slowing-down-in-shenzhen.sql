-- p1 = 1
-- p2 = 1
-- p3 = "fsn_1"
-- p4 = 3
-- p5 = 2
-- p6 = "properties.city"
-- p7 = "Shenzhen"
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND user_id IN (SELECT person FROM (SELECT person, argMin(values, (person != user_id, user_id))[{p4:UInt16}] AS value FROM feature_value WHERE snapshot_id = {p3:String} AND attempt = {p2:UInt16} GROUP BY person) WHERE value >= {p5:Float64})
  AND ifNull(dynamicElement({p6:Identifier}, 'String') = {p7:String}, 0)
ORDER BY person
