-- p1 = 1
-- p2 = ["add_to_cart","remind","login","pay","$LinkClicked","$MessageOpened"]
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "login"
-- p6 = "remind"
-- p7 = "properties.price"
-- p8 = 100
-- p9 = "add_to_cart"
-- p10 = "$LinkClicked"
-- p11 = "$MessageOpened"
-- p12 = "pay"
-- p13 = 259200000
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING arrayExists(r -> r.1 - r.2 <= {p13:Int64}, arrayMap(marks -> arrayFilter(r -> r.2 > 0, arrayMap((before, m) -> (intDiv(m.1, 4), if(m.1 % 4 = 1 AND before.1 % 4 = 2, before.2, 0)), arrayFill(m -> m.1 % 4 != 1, marks), marks)), [arraySort(arrayConcat(arrayMap(t -> (4 * t + 0, toInt64(0)), groupArrayIf(toUnixTimestamp64Milli(time), event = {p10:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})), arrayMap(t -> (4 * t + 0, toInt64(0)), groupArrayIf(toUnixTimestamp64Milli(time), event = {p11:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})), arrayMap(t -> (4 * t + 1, toInt64(0)), groupArrayIf(toUnixTimestamp64Milli(time), event = {p12:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})), arrayMap(r -> (4 * r.1 + 2, r.2), arrayMap(marks -> arrayFilter(r -> r.2 > 0, arrayMap((before, m) -> (intDiv(m, 4), if(m % 4 = 1 AND before % 4 = 2, intDiv(before, 4), 0)), arrayFill(m -> m % 4 != 1, marks), marks)), [arraySort(arrayConcat(arrayMap(t -> 4 * t + 0, groupArrayIf(toUnixTimestamp64Milli(time), event = {p5:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})), arrayMap(t -> 4 * t + 1, groupArrayIf(toUnixTimestamp64Milli(time), event = {p6:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})), arrayMap(t -> 4 * t + 2, groupArrayIf(toUnixTimestamp64Milli(time), event = {p9:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')} AND ifNull(dynamicElement({p7:Identifier}, 'Float64') >= {p8:Float64}, 0)))))])[1])))])[1]) = 1
ORDER BY person
