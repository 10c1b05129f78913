-- p1 = 1
-- p2 = "properties.city"
-- p3 = "Shenzhen"
-- p4 = "properties.vip"
-- p5 = true
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND ifNull(dynamicElement({p2:Identifier}, 'String') = {p3:String}, 0)
  AND NOT (ifNull(dynamicElement({p4:Identifier}, 'Bool') = {p5:Bool}, 0))
ORDER BY person
