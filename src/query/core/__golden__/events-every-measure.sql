-- p1 = 1
-- p2 = "properties.amount"
-- p3 = 0.95
-- p4 = ["pay","refund"]
-- p5 = "2026-03-04 05:00:00.000"
-- p6 = "2026-03-10 12:00:00.000"
-- p7 = "properties.method"
-- p8 = "card"
-- p9 = "properties.city"
-- p10 = "Shenzhen"
SELECT count() AS m1, uniqExact(person) AS m2, if(count() = 0, NULL, count() / uniqExact(person)) AS m3, uniqExact(v2) + uniqExact(v3) + uniqExact(v4) AS m4, ifNull(sum(v3), 0) AS m5, avg(v3) AS m6, min(v3) AS m7, max(v3) AS m8, quantileExactInclusive(0.5)(v3) AS m9, quantileExactInclusive({p3:Float64})(v3) AS m10
FROM (
  SELECT person, dynamicElement({p2:Identifier}, 'String') AS v2, dynamicElement({p2:Identifier}, 'Float64') AS v3, dynamicElement({p2:Identifier}, 'Bool') AS v4
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event IN {p4:Array(String)}
    AND time >= {p5:DateTime64(3, 'UTC')}
    AND time < {p6:DateTime64(3, 'UTC')}
    AND ifNull(dynamicElement({p7:Identifier}, 'String') = {p8:String}, 0)
    AND person IN (SELECT user_id FROM profile FINAL WHERE project_id = {p1:UInt32} AND ifNull(dynamicElement({p9:Identifier}, 'String') = {p10:String}, 0))
) AS seen
