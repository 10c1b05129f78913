-- p1 = 1
-- p2 = "pay"
-- p3 = "2025-12-31 15:59:59.999"
-- p4 = "2026-01-31 15:59:59.999"
-- p5 = "properties.method"
-- p6 = "card"
-- p7 = "properties.amount"
-- p8 = 50
-- p9 = 1
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
  AND ifNull(dynamicElement({p5:Identifier}, 'String') = {p6:String}, 0)
  AND ifNull(dynamicElement({p7:Identifier}, 'Float64') > {p8:Float64}, 0)
GROUP BY person
HAVING count() >= {p9:Float64}
ORDER BY person
