-- p1 = 1
-- p2 = "read"
-- p3 = "2026-02-08 15:59:59.999"
-- p4 = "2026-03-08 15:59:59.999"
-- p5 = "properties.is_weekend"
-- p6 = true
-- p7 = "Asia/Shanghai"
-- p8 = 3
-- p9 = "properties.section"
-- p10 = 2
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING uniqExactIf(toDate(time, {p7:String}), ifNull(dynamicElement({p5:Identifier}, 'Bool') = {p6:Bool}, 0)) >= {p8:Float64}
  AND (uniqExact(dynamicElement({p9:Identifier}, 'String')) + uniqExact(dynamicElement({p9:Identifier}, 'Float64')) + uniqExact(dynamicElement({p9:Identifier}, 'Bool'))) > {p10:Float64}
ORDER BY person
