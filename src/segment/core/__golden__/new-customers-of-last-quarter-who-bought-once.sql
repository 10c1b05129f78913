-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = 1759248000000
-- p5 = 1767196800000
-- p6 = 1
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time <= {p3:DateTime64(3, 'UTC')}
GROUP BY person
HAVING ifNull(minOrNull(toUnixTimestamp64Milli(time)) >= {p4:Float64}, 0)
  AND ifNull(minOrNull(toUnixTimestamp64Milli(time)) < {p5:Float64}, 0)
  AND count() = {p6:Float64}
ORDER BY person
