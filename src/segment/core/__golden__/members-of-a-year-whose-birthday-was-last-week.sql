-- p1 = 1
-- p2 = "sign_up"
-- p3 = "2026-03-10 12:00:00.000"
-- p4 = 1741608000000
-- p5 = ["03-03","03-04","03-05","03-06","03-07","03-08","03-09"]
-- p6 = "properties.birthday"
-- p7 = "Asia/Shanghai"
-- p8 = 4102444800000
-- p9 = "^(19[789]|20\\d)\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)?)?$"
-- p10 = "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?)?$"
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND if(match(ifNull(dynamicElement({p6:Identifier}, 'String'), ''), {p10:String}), substring(ifNull(dynamicElement({p6:Identifier}, 'String'), ''), 6, 5), ifNull(formatDateTime(fromUnixTimestamp64Milli(if(isNotNull(dynamicElement({p6:Identifier}, 'Float64')), if(dynamicElement({p6:Identifier}, 'Float64') >= 0 AND dynamicElement({p6:Identifier}, 'Float64') < {p8:Int64}, toInt64(floor(dynamicElement({p6:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p6:Identifier}, 'String'), ''), {p9:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p6:Identifier}, 'String'), ''), 3, {p7:String})), NULL)), {p7:String}), '%m-%d'), '')) IN {p5:Array(String)}
) AS population
INNER JOIN (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event = {p2:String}
    AND time <= {p3:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING ifNull(maxOrNull(toUnixTimestamp64Milli(time)) <= {p4:Float64}, 0)
) AS activity ON activity.person = population.person
ORDER BY person
