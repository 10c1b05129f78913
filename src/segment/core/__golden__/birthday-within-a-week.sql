-- p1 = 1
-- p2 = ["03-10","03-11","03-12","03-13","03-14","03-15","03-16","03-17"]
-- p3 = "properties.birthday"
-- p4 = "Asia/Shanghai"
-- p5 = 4102444800000
-- p6 = "^(19[789]|20\\d)\\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?(Z|[+-](0\\d|1[0-3]):[0-5]\\d)?)?$"
-- p7 = "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([ T]([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d{1,3})?)?)?$"
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND if(match(ifNull(dynamicElement({p3:Identifier}, 'String'), ''), {p7:String}), substring(ifNull(dynamicElement({p3:Identifier}, 'String'), ''), 6, 5), ifNull(formatDateTime(fromUnixTimestamp64Milli(if(isNotNull(dynamicElement({p3:Identifier}, 'Float64')), if(dynamicElement({p3:Identifier}, 'Float64') >= 0 AND dynamicElement({p3:Identifier}, 'Float64') < {p5:Int64}, toInt64(floor(dynamicElement({p3:Identifier}, 'Float64'))), NULL), if(match(ifNull(dynamicElement({p3:Identifier}, 'String'), ''), {p6:String}), toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(ifNull(dynamicElement({p3:Identifier}, 'String'), ''), 3, {p4:String})), NULL)), {p4:String}), '%m-%d'), '')) IN {p2:Array(String)}
ORDER BY person
