SELECT person,
  CAST([
    if(isFinite(if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))))), if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite(if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))))), if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite(if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))))), if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite(arrayReduce('stddevSampStable', arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)'))))), arrayReduce('stddevSampStable', arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL),
    if(isFinite(arrayReduce('stddevSampStable', arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)'))))), arrayReduce('stddevSampStable', arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL),
    if(isFinite(arrayReduce('stddevSampStable', arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)'))))), arrayReduce('stddevSampStable', arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL),
    if(isFinite(if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL, arrayMax(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))))), if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL, arrayMax(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite(if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL, arrayMax(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))))), if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL, arrayMax(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite(if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL, arrayMax(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))))), if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL, arrayMax(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite((CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')[1] - 0) / if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))))), (CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')[1] - 0) / if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p5:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite((CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')[1] - 0) / if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))))), (CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')[1] - 0) / if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p6:UInt128})), 'Array(Int32)'))))), NULL),
    if(isFinite((CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')[1] - 0) / if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))))), (CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')[1] - 0) / if(empty(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)')))), NULL, arrayAvg(arrayPopFront(arrayDifference(CAST(bitPositionsToArray(bitAnd(a1, {p7:UInt128})), 'Array(Int32)'))))), NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    groupBitOrIf(bitShiftLeft(toUInt128(1), intDiv({p4:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000)), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')}) AS a1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p8:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2025-11-10 12:00:00.000"
-- p4 = 1773144000000
-- p5 = "1073741823"
-- p6 = "1152921504606846975"
-- p7 = "1237940039285380274899124223"
-- p8 = "2026-03-10 12:00:00.000"
