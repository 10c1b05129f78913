-- p1 = 1
-- p2 = ["pay","read"]
-- p3 = "2025-12-10 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "pay"
-- p6 = "2026-02-08 12:00:00.000"
-- p7 = 1
-- p8 = 0
-- p9 = "read"
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING ((countIf(event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p6:DateTime64(3, 'UTC')}) >= {p7:Float64} AND countIf(event = {p5:String} AND time > {p6:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p8:Float64}))
  AND NOT (((countIf(event = {p9:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p6:DateTime64(3, 'UTC')}) >= {p7:Float64} AND countIf(event = {p9:String} AND time > {p6:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p8:Float64})))
ORDER BY person
