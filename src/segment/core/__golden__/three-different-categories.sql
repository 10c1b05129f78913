-- p1 = 1
-- p2 = "view"
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "properties.category"
-- p6 = 3
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING (uniqExact(dynamicElement({p5:Identifier}, 'String')) + uniqExact(dynamicElement({p5:Identifier}, 'Float64')) + uniqExact(dynamicElement({p5:Identifier}, 'Bool'))) >= {p6:Float64}
ORDER BY person
