-- p1 = 1
-- p2 = "invite"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = "properties.trial_started_at"
-- p5 = "Asia/Shanghai"
-- p6 = 4102444800000
-- p7 = "^(19[789]|20\\d)\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)?)?$"
-- p8 = 1209600000
-- p9 = 0
-- p10 = "properties.plan"
-- p11 = "trial"
SELECT population.person AS person
FROM (
  SELECT user_id AS person, isNotNull(if(isNotNull(dynamicElement({p4:Identifier}, 'Float64')), if(dynamicElement({p4:Identifier}, 'Float64') >= 0 AND dynamicElement({p4:Identifier}, 'Float64') < {p6:Int64}, toInt64(floor(dynamicElement({p4:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), {p7:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), 3, {p5:String})), NULL))) AS f1
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND ifNull(dynamicElement({p10:Identifier}, 'String') = {p11:String}, 0)
) AS population
LEFT JOIN (
  SELECT person, countIf(ifNull(toUnixTimestamp64Milli(time) >= anchor.since1, 0) AND ifNull(toUnixTimestamp64Milli(time) < anchor.since1 + {p8:Int64}, 0)) AS m1
  FROM event
  LEFT ANY JOIN (
    SELECT user_id AS anchored, if(isNotNull(dynamicElement({p4:Identifier}, 'Float64')), if(dynamicElement({p4:Identifier}, 'Float64') >= 0 AND dynamicElement({p4:Identifier}, 'Float64') < {p6:Int64}, toInt64(floor(dynamicElement({p4:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), {p7:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p4:Identifier}, 'String'), ''), 3, {p5:String})), NULL)) AS since1
    FROM profile FINAL
    WHERE project_id = {p1:UInt32} AND (isNotNull(since1))
  ) AS anchor ON anchor.anchored = person
  WHERE project_id = {p1:UInt32}
    AND event = {p2:String}
    AND time <= {p3:DateTime64(3, 'UTC')}
  GROUP BY person
) AS activity ON activity.person = population.person
WHERE (population.f1 AND activity.m1 <= {p9:Float64})
ORDER BY person
