SELECT person,
  CAST([
    if(isFinite(a1 / a2), a1 / a2, NULL),
    if(isFinite(a3 / a4), a3 / a4, NULL),
    if(isFinite(a5 / a2), a5 / a2, NULL),
    if(isFinite(a6 / a4), a6 / a4, NULL),
    if(isFinite(a7 / a2), a7 / a2, NULL),
    if(isFinite(a8 / a4), a8 / a4, NULL),
    if(isFinite(a9 / a2), a9 / a2, NULL),
    if(isFinite(a10 / a4), a10 / a4, NULL),
    if(isFinite(a11 / a2), a11 / a2, NULL),
    if(isFinite(a12 / a4), a12 / a4, NULL),
    if(isFinite(if(arraySum(a13) = 0, NULL, log2(arraySum(a13)) - arraySum(n -> if(n = 0, 0, n * log2(n)), a13) / arraySum(a13))), if(arraySum(a13) = 0, NULL, log2(arraySum(a13)) - arraySum(n -> if(n = 0, 0, n * log2(n)), a13) / arraySum(a13)), NULL),
    if(isFinite(if(arraySum(a14) = 0, NULL, log2(arraySum(a14)) - arraySum(n -> if(n = 0, 0, n * log2(n)), a14) / arraySum(a14))), if(arraySum(a14) = 0, NULL, log2(arraySum(a14)) - arraySum(n -> if(n = 0, 0, n * log2(n)), a14) / arraySum(a14)), NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p4:UInt8} AND toHour(time, {p3:String}) < {p5:UInt8}) AND time >= {p6:DateTime64(3, 'UTC')}) AS a1,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p6:DateTime64(3, 'UTC')}) AS a2,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p4:UInt8} AND toHour(time, {p3:String}) < {p5:UInt8}) AND time >= {p7:DateTime64(3, 'UTC')}) AS a3,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a4,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p5:UInt8} AND toHour(time, {p3:String}) < {p8:UInt8}) AND time >= {p6:DateTime64(3, 'UTC')}) AS a5,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p5:UInt8} AND toHour(time, {p3:String}) < {p8:UInt8}) AND time >= {p7:DateTime64(3, 'UTC')}) AS a6,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p8:UInt8} AND toHour(time, {p3:String}) < {p9:UInt8}) AND time >= {p6:DateTime64(3, 'UTC')}) AS a7,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p8:UInt8} AND toHour(time, {p3:String}) < {p9:UInt8}) AND time >= {p7:DateTime64(3, 'UTC')}) AS a8,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p9:UInt8} AND toHour(time, {p3:String}) < {p10:UInt8}) AND time >= {p6:DateTime64(3, 'UTC')}) AS a9,
    countIf(event NOT IN {p2:Array(String)} AND (toHour(time, {p3:String}) >= {p9:UInt8} AND toHour(time, {p3:String}) < {p10:UInt8}) AND time >= {p7:DateTime64(3, 'UTC')}) AS a10,
    countIf(event NOT IN {p2:Array(String)} AND toDayOfWeek(time, 0, {p3:String}) IN {p11:Array(UInt8)} AND time >= {p6:DateTime64(3, 'UTC')}) AS a11,
    countIf(event NOT IN {p2:Array(String)} AND toDayOfWeek(time, 0, {p3:String}) IN {p11:Array(UInt8)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a12,
    countResampleIf(0, 24, 1)(toHour(time, {p3:String}), event NOT IN {p2:Array(String)} AND time >= {p6:DateTime64(3, 'UTC')}) AS a13,
    countResampleIf(0, 24, 1)(toHour(time, {p3:String}), event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a14
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p12:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "Asia/Shanghai"
-- p4 = 0
-- p5 = 6
-- p6 = "2026-02-08 12:00:00.000"
-- p7 = "2025-12-10 12:00:00.000"
-- p8 = 12
-- p9 = 18
-- p10 = 24
-- p11 = [6,7]
-- p12 = "2026-03-10 12:00:00.000"
