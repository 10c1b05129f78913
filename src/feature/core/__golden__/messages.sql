SELECT person,
  CAST([
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    a8,
    a9,
    if(isFinite(a5 / a2), a5 / a2, NULL),
    if(isFinite(a6 / a3), a6 / a3, NULL),
    if(isFinite(a8 / a2), a8 / a2, NULL),
    if(isFinite(a9 / a3), a9 / a3, NULL),
    if(isFinite(({p9:Int64} - toUnixTimestamp64Milli(a10)) / 86400000), ({p9:Int64} - toUnixTimestamp64Milli(a10)) / 86400000, NULL),
    if(isFinite(({p9:Int64} - toUnixTimestamp64Milli(a11)) / 86400000), ({p9:Int64} - toUnixTimestamp64Milli(a11)) / 86400000, NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event = {p3:String} AND time >= {p4:DateTime64(3, 'UTC')}) AS a1,
    countIf(event = {p3:String} AND time >= {p5:DateTime64(3, 'UTC')}) AS a2,
    countIf(event = {p3:String} AND time >= {p6:DateTime64(3, 'UTC')}) AS a3,
    countIf(event = {p7:String} AND time >= {p4:DateTime64(3, 'UTC')}) AS a4,
    countIf(event = {p7:String} AND time >= {p5:DateTime64(3, 'UTC')}) AS a5,
    countIf(event = {p7:String} AND time >= {p6:DateTime64(3, 'UTC')}) AS a6,
    countIf(event = {p8:String} AND time >= {p4:DateTime64(3, 'UTC')}) AS a7,
    countIf(event = {p8:String} AND time >= {p5:DateTime64(3, 'UTC')}) AS a8,
    countIf(event = {p8:String} AND time >= {p6:DateTime64(3, 'UTC')}) AS a9,
    maxOrNullIf(time, event = {p3:String}) AS a10,
    maxOrNullIf(time, event = {p8:String}) AS a11
  FROM event
  WHERE project_id = {p1:UInt32}
    AND (event NOT IN {p2:Array(String)} OR event IN {p11:Array(String)})
    AND time < {p10:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "$MessageSent"
-- p4 = "2026-03-03 12:00:00.000"
-- p5 = "2026-02-08 12:00:00.000"
-- p6 = "2025-12-10 12:00:00.000"
-- p7 = "$MessageOpened"
-- p8 = "$LinkClicked"
-- p9 = 1773144000000
-- p10 = "2026-03-10 12:00:00.000"
-- p11 = ["$MessageSent","$MessageOpened","$LinkClicked"]
