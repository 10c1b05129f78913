-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = "properties.amount"
-- p5 = 10
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time <= {p3:DateTime64(3, 'UTC')}
GROUP BY person
HAVING ifNull(avg(dynamicElement({p4:Identifier}, 'Float64')) < {p5:Float64}, 0)
ORDER BY person
