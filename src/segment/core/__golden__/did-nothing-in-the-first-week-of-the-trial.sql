-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = "login"
-- p5 = "properties.trial_started_at"
-- p6 = "Asia/Shanghai"
-- p7 = 4102444800000
-- p8 = "^(19[789]|20\\d)\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)?)?$"
-- p9 = "properties.signed_up_at"
-- p10 = 604800000
-- p11 = 0
-- p12 = 1
-- p13 = "properties.city"
-- p14 = "Shenzhen"
SELECT population.person AS person
FROM (
  SELECT user_id AS person, isNotNull(if(isNotNull(dynamicElement({p5:Identifier}, 'Float64')), if(dynamicElement({p5:Identifier}, 'Float64') >= 0 AND dynamicElement({p5:Identifier}, 'Float64') < {p7:Int64}, toInt64(floor(dynamicElement({p5:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p5:Identifier}, 'String'), ''), {p8:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p5:Identifier}, 'String'), ''), 3, {p6:String})), NULL))) AS f1, isNotNull(if(isNotNull(dynamicElement({p9:Identifier}, 'Float64')), if(dynamicElement({p9:Identifier}, 'Float64') >= 0 AND dynamicElement({p9:Identifier}, 'Float64') < {p7:Int64}, toInt64(floor(dynamicElement({p9:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p9:Identifier}, 'String'), ''), {p8:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p9:Identifier}, 'String'), ''), 3, {p6:String})), NULL))) AS f2
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND ifNull(dynamicElement({p13:Identifier}, 'String') = {p14:String}, 0)
) AS population
INNER JOIN (
  SELECT person, countIf(event NOT IN {p2:Array(String)} AND time <= {p3:DateTime64(3, 'UTC')} AND ifNull(toUnixTimestamp64Milli(time) >= anchor.since1, 0) AND ifNull(toUnixTimestamp64Milli(time) < anchor.since1 + {p10:Int64}, 0)) AS m1, countIf(event = {p4:String} AND time <= {p3:DateTime64(3, 'UTC')} AND ifNull(toUnixTimestamp64Milli(time) >= anchor.since2, 0)) AS m2
  FROM event
  LEFT ANY JOIN (
    SELECT user_id AS anchored, if(isNotNull(dynamicElement({p5:Identifier}, 'Float64')), if(dynamicElement({p5:Identifier}, 'Float64') >= 0 AND dynamicElement({p5:Identifier}, 'Float64') < {p7:Int64}, toInt64(floor(dynamicElement({p5:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p5:Identifier}, 'String'), ''), {p8:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p5:Identifier}, 'String'), ''), 3, {p6:String})), NULL)) AS since1, if(isNotNull(dynamicElement({p9:Identifier}, 'Float64')), if(dynamicElement({p9:Identifier}, 'Float64') >= 0 AND dynamicElement({p9:Identifier}, 'Float64') < {p7:Int64}, toInt64(floor(dynamicElement({p9:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p9:Identifier}, 'String'), ''), {p8:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p9:Identifier}, 'String'), ''), 3, {p6:String})), NULL)) AS since2
    FROM profile FINAL
    WHERE project_id = {p1:UInt32} AND (isNotNull(since1) OR isNotNull(since2))
  ) AS anchor ON anchor.anchored = person
  WHERE project_id = {p1:UInt32}
    AND ((event NOT IN {p2:Array(String)} AND time <= {p3:DateTime64(3, 'UTC')})
      OR (event = {p4:String} AND time <= {p3:DateTime64(3, 'UTC')}))
  GROUP BY person
) AS activity ON activity.person = population.person
WHERE (population.f1 AND activity.m1 <= {p11:Float64})
  AND (population.f2 AND activity.m2 >= {p12:Float64})
ORDER BY person
