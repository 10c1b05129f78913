SELECT person,
  CAST([
    a1,
    a2,
    a3,
    a4,
    a5,
    if(isFinite(ifNull(a6, 0)), ifNull(a6, 0), NULL),
    if(isFinite(ifNull(a7, 0)), ifNull(a7, 0), NULL),
    if(isFinite(ifNull(a8, 0)), ifNull(a8, 0), NULL),
    if(isFinite(ifNull(a9, 0)), ifNull(a9, 0), NULL),
    if(isFinite(ifNull(a10, 0)), ifNull(a10, 0), NULL),
    if(isFinite(a11), a11, NULL),
    if(isFinite(a12), a12, NULL),
    if(isFinite(a13), a13, NULL),
    if(isFinite(a14), a14, NULL),
    if(isFinite(a3 / a15), a3 / a15, NULL),
    if(isFinite(({p10:Int64} - toUnixTimestamp64Milli(a16)) / 86400000), ({p10:Int64} - toUnixTimestamp64Milli(a16)) / 86400000, NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event = {p3:String} AND time >= {p4:DateTime64(3, 'UTC')}) AS a1,
    countIf(event = {p3:String} AND time >= {p5:DateTime64(3, 'UTC')}) AS a2,
    countIf(event = {p3:String} AND time >= {p6:DateTime64(3, 'UTC')}) AS a3,
    countIf(event = {p3:String} AND time >= {p7:DateTime64(3, 'UTC')}) AS a4,
    countIf(event = {p3:String} AND time >= {p8:DateTime64(3, 'UTC')}) AS a5,
    sumIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p4:DateTime64(3, 'UTC')}) AS a6,
    sumIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p5:DateTime64(3, 'UTC')}) AS a7,
    sumIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p6:DateTime64(3, 'UTC')}) AS a8,
    sumIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p7:DateTime64(3, 'UTC')}) AS a9,
    sumIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p8:DateTime64(3, 'UTC')}) AS a10,
    avgIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p6:DateTime64(3, 'UTC')}) AS a11,
    avgIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p8:DateTime64(3, 'UTC')}) AS a12,
    stddevSampStableIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p8:DateTime64(3, 'UTC')}) AS a13,
    maxIf(dynamicElement({p9:Identifier}, 'Float64'), event = {p3:String} AND time >= {p8:DateTime64(3, 'UTC')}) AS a14,
    countIf(event = {p3:String} AND time >= {p7:DateTime64(3, 'UTC')} AND time < {p6:DateTime64(3, 'UTC')}) AS a15,
    maxOrNullIf(time, event = {p3:String}) AS a16
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p11:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "pay"
-- p4 = "2026-03-03 12:00:00.000"
-- p5 = "2026-02-24 12:00:00.000"
-- p6 = "2026-02-08 12:00:00.000"
-- p7 = "2026-01-09 12:00:00.000"
-- p8 = "2025-12-10 12:00:00.000"
-- p9 = "properties.amount"
-- p10 = 1773144000000
-- p11 = "2026-03-10 12:00:00.000"
