-- p1 = 1
-- p2 = ["$AdAttributed","pay"]
-- p3 = "2026-01-31 15:59:59.999"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "pay"
-- p6 = "$AdAttributed"
-- p7 = 259200000
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING arrayExists(r -> r.1 - r.2 <= {p7:Int64}, arrayMap(marks -> arrayFilter(r -> r.2 > 0, arrayMap((before, m) -> (intDiv(m, 4), if(m % 4 = 1 AND before % 4 = 2, intDiv(before, 4), 0)), arrayFill(m -> m % 4 != 1, marks), marks)), [arraySort(arrayConcat(arrayMap(t -> 4 * t + 1, groupArrayIf(toUnixTimestamp64Milli(time), event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})), arrayMap(t -> 4 * t + 2, groupArrayIf(toUnixTimestamp64Milli(time), event = {p6:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}))))])[1]) = 1
ORDER BY person
