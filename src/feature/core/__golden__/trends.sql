SELECT person,
  CAST([
    if(isFinite(a1 / a2), a1 / a2, NULL),
    if(isFinite(a3 / a4), a3 / a4, NULL),
    if(isFinite(a5 / a6), a5 / a6, NULL),
    if(isFinite(a7 / a8), a7 / a8, NULL),
    if(isFinite(a9 / a10), a9 / a10, NULL),
    if(isFinite(bitCount(bitAnd(a11, {p14:UInt128})) / bitCount(bitAnd(a11, {p15:UInt128}))), bitCount(bitAnd(a11, {p14:UInt128})) / bitCount(bitAnd(a11, {p15:UInt128})), NULL),
    if(isFinite(bitCount(bitAnd(a11, {p16:UInt128})) / bitCount(bitAnd(a11, {p17:UInt128}))), bitCount(bitAnd(a11, {p16:UInt128})) / bitCount(bitAnd(a11, {p17:UInt128})), NULL),
    if(isFinite(bitCount(bitAnd(a11, {p18:UInt128})) / bitCount(bitAnd(a11, {p19:UInt128}))), bitCount(bitAnd(a11, {p18:UInt128})) / bitCount(bitAnd(a11, {p19:UInt128})), NULL),
    if(isFinite((a5 * 3 - a12) / 28), (a5 * 3 - a12) / 28, NULL),
    if(isFinite((a7 * 6.5 - a13) / 227.5), (a7 * 6.5 - a13) / 227.5, NULL),
    if(isFinite((a9 * 14.5 - a14) / 2247.5), (a9 * 14.5 - a14) / 2247.5, NULL),
    if(isFinite((a15 * 44.5 - a16) / 60742.5), (a15 * 44.5 - a16) / 60742.5, NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')}) AS a1,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p4:DateTime64(3, 'UTC')} AND time < {p3:DateTime64(3, 'UTC')}) AS a2,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')}) AS a3,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p6:DateTime64(3, 'UTC')} AND time < {p5:DateTime64(3, 'UTC')}) AS a4,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a5,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p8:DateTime64(3, 'UTC')} AND time < {p7:DateTime64(3, 'UTC')}) AS a6,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p8:DateTime64(3, 'UTC')}) AS a7,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')} AND time < {p8:DateTime64(3, 'UTC')}) AS a8,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p10:DateTime64(3, 'UTC')}) AS a9,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p11:DateTime64(3, 'UTC')} AND time < {p10:DateTime64(3, 'UTC')}) AS a10,
    groupBitOrIf(bitShiftLeft(toUInt128(1), intDiv({p13:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000)), event NOT IN {p2:Array(String)} AND time >= {p12:DateTime64(3, 'UTC')}) AS a11,
    sumIf(intDiv({p13:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000), event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a12,
    sumIf(intDiv({p13:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000), event NOT IN {p2:Array(String)} AND time >= {p8:DateTime64(3, 'UTC')}) AS a13,
    sumIf(intDiv({p13:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000), event NOT IN {p2:Array(String)} AND time >= {p10:DateTime64(3, 'UTC')}) AS a14,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p20:DateTime64(3, 'UTC')}) AS a15,
    sumIf(intDiv({p13:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000), event NOT IN {p2:Array(String)} AND time >= {p20:DateTime64(3, 'UTC')}) AS a16
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p21:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-03-09 12:00:00.000"
-- p4 = "2026-03-08 12:00:00.000"
-- p5 = "2026-03-07 12:00:00.000"
-- p6 = "2026-03-04 12:00:00.000"
-- p7 = "2026-03-03 12:00:00.000"
-- p8 = "2026-02-24 12:00:00.000"
-- p9 = "2026-02-10 12:00:00.000"
-- p10 = "2026-02-08 12:00:00.000"
-- p11 = "2026-01-09 12:00:00.000"
-- p12 = "2025-11-10 12:00:00.000"
-- p13 = 1773144000000
-- p14 = "127"
-- p15 = "16256"
-- p16 = "16383"
-- p17 = "268419072"
-- p18 = "1073741823"
-- p19 = "1152921503533105152"
-- p20 = "2025-12-10 12:00:00.000"
-- p21 = "2026-03-10 12:00:00.000"
