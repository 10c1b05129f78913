SELECT person,
  CAST([
    if(isFinite(a1), a1, NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    quantileExactInclusiveIf(0.5)(dynamicElement({p12:Identifier}, 'Float64'), (event NOT IN {p2:Array(String)} OR event = {p3:String}) AND ifNull(dynamicElement({p4:Identifier}, 'String') = {p5:String}, 0) AND (toHour(time, {p6:String}) >= {p7:UInt8} OR toHour(time, {p6:String}) < {p8:UInt8}) AND toDayOfWeek(time, 0, {p6:String}) IN {p9:Array(UInt8)} AND time >= {p10:DateTime64(3, 'UTC')} AND time < {p11:DateTime64(3, 'UTC')}) AS a1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p13:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "pay"
-- p4 = "properties.method"
-- p5 = "card"
-- p6 = "Asia/Shanghai"
-- p7 = 22
-- p8 = 6
-- p9 = [6,7]
-- p10 = "2026-02-01 12:00:00.000"
-- p11 = "2026-03-03 12:00:00.000"
-- p12 = "properties.amount"
-- p13 = "2026-03-10 12:00:00.000"
