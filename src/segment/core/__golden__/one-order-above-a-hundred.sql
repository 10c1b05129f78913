-- p1 = 1
-- p2 = ["pay","refund"]
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "pay"
-- p6 = "properties.amount"
-- p7 = 100
-- p8 = "refund"
-- p9 = -100
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING (ifNull(maxIf(dynamicElement({p6:Identifier}, 'Float64'), event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) > {p7:Float64}, 0) OR ifNull(minIf(dynamicElement({p6:Identifier}, 'Float64'), event = {p8:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) < {p9:Float64}, 0))
ORDER BY person
