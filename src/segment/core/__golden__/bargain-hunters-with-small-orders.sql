-- p1 = 1
-- p2 = "pay"
-- p3 = "2025-09-11 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "properties.coupon"
-- p6 = 3
-- p7 = "properties.amount"
-- p8 = 30
-- p9 = 10
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING countIf(isNotNull({p5:Identifier})) >= {p6:Float64}
  AND ifNull(max(dynamicElement({p7:Identifier}, 'Float64')) <= {p8:Float64}, 0)
  AND ifNull(min(dynamicElement({p7:Identifier}, 'Float64')) < {p9:Float64}, 0)
ORDER BY person
