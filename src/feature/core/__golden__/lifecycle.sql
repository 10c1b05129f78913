SELECT person,
  CAST([
    if(isFinite(multiIf(({p4:Int64} - toUnixTimestamp64Milli(a1)) / 86400000 >= 90, 7, ({p4:Int64} - toUnixTimestamp64Milli(a1)) / 86400000 >= 30, 6, ({p4:Int64} - toUnixTimestamp64Milli(a1)) / 86400000 >= 14, 5, ({p4:Int64} - toUnixTimestamp64Milli(a2)) / 86400000 < 7, 1, ifNull(({p4:Int64} - toUnixTimestamp64Milli(a4)) / 86400000 - ({p4:Int64} - toUnixTimestamp64Milli(a3)) / 86400000, 0) >= 30, 8, bitCount(bitAnd(a5, {p6:UInt128})) >= 12, 3, bitCount(bitAnd(a5, {p6:UInt128})) <= 2, 4, 2)), multiIf(({p4:Int64} - toUnixTimestamp64Milli(a1)) / 86400000 >= 90, 7, ({p4:Int64} - toUnixTimestamp64Milli(a1)) / 86400000 >= 30, 6, ({p4:Int64} - toUnixTimestamp64Milli(a1)) / 86400000 >= 14, 5, ({p4:Int64} - toUnixTimestamp64Milli(a2)) / 86400000 < 7, 1, ifNull(({p4:Int64} - toUnixTimestamp64Milli(a4)) / 86400000 - ({p4:Int64} - toUnixTimestamp64Milli(a3)) / 86400000, 0) >= 30, 8, bitCount(bitAnd(a5, {p6:UInt128})) >= 12, 3, bitCount(bitAnd(a5, {p6:UInt128})) <= 2, 4, 2), NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    maxOrNullIf(time, event NOT IN {p2:Array(String)}) AS a1,
    minOrNullIf(time, event NOT IN {p2:Array(String)}) AS a2,
    minOrNullIf(time, event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')}) AS a3,
    maxOrNullIf(time, event NOT IN {p2:Array(String)} AND NOT time >= {p3:DateTime64(3, 'UTC')}) AS a4,
    groupBitOrIf(bitShiftLeft(toUInt128(1), intDiv({p4:Int64} - 1 - toUnixTimestamp64Milli(time), 86400000)), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')}) AS a5
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p7:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-02-24 12:00:00.000"
-- p4 = 1773144000000
-- p5 = "2025-11-10 12:00:00.000"
-- p6 = "1073741823"
-- p7 = "2026-03-10 12:00:00.000"
