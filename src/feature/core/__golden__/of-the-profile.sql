SELECT person,
  CAST([
    if(isFinite(population.f1), population.f1, NULL),
    if(isFinite(population.f2), population.f2, NULL),
    if(isFinite(population.f3), population.f3, NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p7:Array(String)}
    AND time < {p8:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p7:Array(String)}) > 0
) AS activity
LEFT JOIN (
  SELECT user_id,
    ifNull(dynamicElement({p2:Identifier}, 'Bool') = {p3:Bool}, 0) AS f1,
    dynamicElement({p4:Identifier}, 'Float64') AS f2,
    if(ifNull(toString(toDate32OrNull(substring(dynamicElement({p5:Identifier}, 'String'), 1, 10))) = substring(dynamicElement({p5:Identifier}, 'String'), 1, 10), 0), ({p6:Int64} - toUnixTimestamp64Milli(toDateTime64(toDate32OrNull(substring(dynamicElement({p5:Identifier}, 'String'), 1, 10)), 3, 'UTC'))) / 86400000, NULL) AS f3
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
) AS population ON population.user_id = activity.person

-- p1 = 1
-- p2 = "properties.vip"
-- p3 = true
-- p4 = "properties.age"
-- p5 = "properties.signup_date"
-- p6 = 1773144000000
-- p7 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p8 = "2026-03-10 12:00:00.000"
