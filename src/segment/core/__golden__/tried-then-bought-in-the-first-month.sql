-- p1 = 1
-- p2 = ["try","buy"]
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = "properties.signed_up_at"
-- p5 = "Asia/Shanghai"
-- p6 = 4102444800000
-- p7 = "^(19[789]|20\\d)\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)?)?$"
-- p8 = "buy"
-- p9 = 2592000000
-- p10 = "try"
-- p11 = 864000000
SELECT population.person AS person
FROM (
  SELECT user_id AS person, isNotNull(if(isNotNull(dynamicElement({p4:Identifier}, 'Float64')), if(dynamicElement({p4:Identifier}, 'Float64') >= 0 AND dynamicElement({p4:Identifier}, 'Float64') < {p6:Int64}, toInt64(floor(dynamicElement({p4:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), {p7:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), 3, {p5:String})), NULL))) AS f1
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
) AS population
INNER JOIN (
  SELECT person, arrayExists(r -> r.1 - r.2 <= {p11:Int64}, arrayMap(marks -> arrayFilter(r -> r.2 > 0, arrayMap((before, m) -> (intDiv(m, 4), if(m % 4 = 1 AND before % 4 = 2, intDiv(before, 4), 0)), arrayFill(m -> m % 4 != 1, marks), marks)), [arraySort(arrayConcat(arrayMap(t -> 4 * t + 1, groupArrayIf(toUnixTimestamp64Milli(time), event = {p8:String} AND time <= {p3:DateTime64(3, 'UTC')} AND ifNull(toUnixTimestamp64Milli(time) >= anchor.since1, 0) AND ifNull(toUnixTimestamp64Milli(time) < anchor.since1 + {p9:Int64}, 0))), arrayMap(t -> 4 * t + 2, groupArrayIf(toUnixTimestamp64Milli(time), event = {p10:String} AND time <= {p3:DateTime64(3, 'UTC')} AND ifNull(toUnixTimestamp64Milli(time) >= anchor.since1, 0) AND ifNull(toUnixTimestamp64Milli(time) < anchor.since1 + {p9:Int64}, 0)))))])[1]) AS m1
  FROM event
  LEFT ANY JOIN (
    SELECT user_id AS anchored, if(isNotNull(dynamicElement({p4:Identifier}, 'Float64')), if(dynamicElement({p4:Identifier}, 'Float64') >= 0 AND dynamicElement({p4:Identifier}, 'Float64') < {p6:Int64}, toInt64(floor(dynamicElement({p4:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), {p7:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), 3, {p5:String})), NULL)) AS since1
    FROM profile FINAL
    WHERE project_id = {p1:UInt32} AND (isNotNull(since1))
  ) AS anchor ON anchor.anchored = person
  WHERE project_id = {p1:UInt32}
    AND event IN {p2:Array(String)}
    AND time <= {p3:DateTime64(3, 'UTC')}
  GROUP BY person
) AS activity ON activity.person = population.person
WHERE (population.f1 AND activity.m1 = 1)
ORDER BY person
