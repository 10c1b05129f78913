-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = 1
-- p6 = ["03-10"]
-- p7 = "properties.signed_up_at"
-- p8 = "Asia/Shanghai"
-- p9 = 4102444800000
-- p10 = "^(19[789]|20\\d)\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)?)?$"
-- p11 = "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?)?$"
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND if(match(ifNull(dynamicElement({p7:Identifier}, 'String'), ''), {p11:String}), substring(ifNull(dynamicElement({p7:Identifier}, 'String'), ''), 6, 5), ifNull(formatDateTime(fromUnixTimestamp64Milli(if(isNotNull(dynamicElement({p7:Identifier}, 'Float64')), if(dynamicElement({p7:Identifier}, 'Float64') >= 0 AND dynamicElement({p7:Identifier}, 'Float64') < {p9:Int64}, toInt64(floor(dynamicElement({p7:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p7:Identifier}, 'String'), ''), {p10:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p7:Identifier}, 'String'), ''), 3, {p8:String})), NULL)), {p8:String}), '%m-%d'), '')) IN {p6:Array(String)}
) AS population
INNER JOIN (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time > {p3:DateTime64(3, 'UTC')}
    AND time <= {p4:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING count() >= {p5:Float64}
) AS activity ON activity.person = population.person
ORDER BY person
