SELECT person,
  CAST([
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    bitCount(bitAnd(a8, {p12:UInt128})),
    bitCount(bitAnd(a8, {p13:UInt128})),
    bitCount(bitAnd(a8, {p14:UInt128})),
    bitCount(bitAnd(a8, {p15:UInt128})),
    bitCount(bitAnd(a8, {p16:UInt128})),
    bitCount(bitAnd(a8, {p17:UInt128})),
    if(isFinite(a3 / bitCount(bitAnd(a8, {p13:UInt128}))), a3 / bitCount(bitAnd(a8, {p13:UInt128})), NULL),
    if(isFinite(a5 / bitCount(bitAnd(a8, {p15:UInt128}))), a5 / bitCount(bitAnd(a8, {p15:UInt128})), NULL),
    if(isFinite(a7 / bitCount(bitAnd(a8, {p17:UInt128}))), a7 / bitCount(bitAnd(a8, {p17:UInt128})), NULL),
    arrayMax(arrayDifference(arrayPushBack(arrayFilter((i, step) -> step != 1, arrayEnumerate(CAST(bitPositionsToArray(bitAnd(a8, {p13:UInt128})), 'Array(Int32)')), arrayDifference(CAST(bitPositionsToArray(bitAnd(a8, {p13:UInt128})), 'Array(Int32)'))), length(CAST(bitPositionsToArray(bitAnd(a8, {p13:UInt128})), 'Array(Int32)')) + 1))),
    arrayMax(arrayDifference(arrayPushBack(arrayFilter((i, step) -> step != 1, arrayEnumerate(CAST(bitPositionsToArray(bitAnd(a8, {p14:UInt128})), 'Array(Int32)')), arrayDifference(CAST(bitPositionsToArray(bitAnd(a8, {p14:UInt128})), 'Array(Int32)'))), length(CAST(bitPositionsToArray(bitAnd(a8, {p14:UInt128})), 'Array(Int32)')) + 1))),
    arrayMax(arrayDifference(arrayPushBack(arrayFilter((i, step) -> step != 1, arrayEnumerate(CAST(bitPositionsToArray(bitAnd(a8, {p15:UInt128})), 'Array(Int32)')), arrayDifference(CAST(bitPositionsToArray(bitAnd(a8, {p15:UInt128})), 'Array(Int32)'))), length(CAST(bitPositionsToArray(bitAnd(a8, {p15:UInt128})), 'Array(Int32)')) + 1))),
    arrayMax(arrayDifference(arrayPushBack(arrayFilter((i, step) -> step != 1, arrayEnumerate(CAST(bitPositionsToArray(bitAnd(a8, {p17:UInt128})), 'Array(Int32)')), arrayDifference(CAST(bitPositionsToArray(bitAnd(a8, {p17:UInt128})), 'Array(Int32)'))), length(CAST(bitPositionsToArray(bitAnd(a8, {p17:UInt128})), 'Array(Int32)')) + 1))),
    a9,
    a10,
    a11
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')}) AS a1,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p4:DateTime64(3, 'UTC')}) AS a2,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')}) AS a3,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p6:DateTime64(3, 'UTC')}) AS a4,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a5,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p8:DateTime64(3, 'UTC')}) AS a6,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')}) AS a7,
    groupBitOrIf(bitShiftLeft(toUInt128(1), intDiv({p11:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000)), event NOT IN {p2:Array(String)} AND time >= {p10:DateTime64(3, 'UTC')}) AS a8,
    countIf(event = {p18:String} AND time >= {p5:DateTime64(3, 'UTC')}) AS a9,
    countIf(event = {p18:String} AND time >= {p7:DateTime64(3, 'UTC')}) AS a10,
    countIf(event = {p18:String} AND time >= {p9:DateTime64(3, 'UTC')}) AS a11
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p19:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-03-09 12:00:00.000"
-- p4 = "2026-03-07 12:00:00.000"
-- p5 = "2026-03-03 12:00:00.000"
-- p6 = "2026-02-24 12:00:00.000"
-- p7 = "2026-02-08 12:00:00.000"
-- p8 = "2026-01-09 12:00:00.000"
-- p9 = "2025-12-10 12:00:00.000"
-- p10 = "2025-11-10 12:00:00.000"
-- p11 = 1773144000000
-- p12 = "7"
-- p13 = "127"
-- p14 = "16383"
-- p15 = "1073741823"
-- p16 = "1152921504606846975"
-- p17 = "1237940039285380274899124223"
-- p18 = "$AppStart"
-- p19 = "2026-03-10 12:00:00.000"
