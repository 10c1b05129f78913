-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "properties.url"
-- p6 = "https://"
-- p7 = "/sale/"
-- p8 = ".html"
-- p9 = "properties.coupon"
-- p10 = "properties.source"
-- p11 = ["bot","test"]
-- p12 = 1
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
  AND ifNull(startsWith(dynamicElement({p5:Identifier}, 'String'), {p6:String}), 0)
  AND ifNull(position(dynamicElement({p5:Identifier}, 'String'), {p7:String}) > 0, 0)
  AND ifNull(endsWith(dynamicElement({p5:Identifier}, 'String'), {p8:String}), 0)
  AND isNull({p9:Identifier})
  AND NOT ifNull(dynamicElement({p10:Identifier}, 'String') IN {p11:Array(String)}, 0)
  AND isNotNull({p10:Identifier})
GROUP BY person
HAVING count() >= {p12:Float64}
ORDER BY person
