-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = ["refund","complain"]
-- p5 = "2025-11-10 12:00:00.000"
-- p6 = "2026-02-24 12:00:00.000"
-- p7 = 1
-- p8 = "2026-01-25 12:00:00.000"
-- p9 = 0
-- p10 = 1769342400000
-- p11 = "complain"
-- p12 = "refund"
-- p13 = 7776000000
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND ((event = {p2:String} AND time <= {p3:DateTime64(3, 'UTC')})
    OR (event IN {p4:Array(String)} AND time > {p5:DateTime64(3, 'UTC')} AND time <= {p3:DateTime64(3, 'UTC')}))
GROUP BY person
HAVING (countIf(event = {p2:String} AND time > {p6:DateTime64(3, 'UTC')} AND time <= {p3:DateTime64(3, 'UTC')}) >= {p7:Float64} AND countIf(event = {p2:String} AND time > {p8:DateTime64(3, 'UTC')} AND time <= {p6:DateTime64(3, 'UTC')}) <= {p9:Float64} AND ifNull(minOrNullIf(toUnixTimestamp64Milli(time), event = {p2:String} AND time <= {p3:DateTime64(3, 'UTC')}) <= {p10:Float64}, 0))
  AND arrayExists(r -> r.1 - r.2 <= {p13:Int64}, arrayMap(marks -> arrayFilter(r -> r.2 > 0, arrayMap((before, m) -> (intDiv(m, 4), if(m % 4 = 1 AND before % 4 = 2, intDiv(before, 4), 0)), arrayFill(m -> m % 4 != 1, marks), marks)), [arraySort(arrayConcat(arrayMap(t -> 4 * t + 0, groupArrayIf(toUnixTimestamp64Milli(time), event = {p11:String} AND time > {p5:DateTime64(3, 'UTC')} AND time <= {p3:DateTime64(3, 'UTC')})), arrayMap(t -> 4 * t + 1, groupArrayIf(toUnixTimestamp64Milli(time), event = {p2:String} AND time > {p5:DateTime64(3, 'UTC')} AND time <= {p3:DateTime64(3, 'UTC')})), arrayMap(t -> 4 * t + 2, groupArrayIf(toUnixTimestamp64Milli(time), event = {p12:String} AND time > {p5:DateTime64(3, 'UTC')} AND time <= {p3:DateTime64(3, 'UTC')}))))])[1]) = 1
ORDER BY person
