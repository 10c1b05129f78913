SELECT person,
  arrayMap(v -> if(isFinite(v), v, NULL), CAST([
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    if(a9 = 0, NULL, a8),
    if(a11 = 0, NULL, a10)
  ], 'Array(Nullable(Float64))')) AS values
FROM (
  SELECT person,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')}) AS a1,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p4:DateTime64(3, 'UTC')}) AS a2,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')}) AS a3,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p6:DateTime64(3, 'UTC')}) AS a4,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a5,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p8:DateTime64(3, 'UTC')}) AS a6,
    uniqExactIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')}) AS a7,
    entropyIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a8,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a9,
    entropyIf(cityHash64(event), event NOT IN {p2:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')}) AS a10,
    countIf(event NOT IN {p2:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')}) AS a11
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p10:DateTime64(3, 'UTC')}
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
-- p10 = "2026-03-10 12:00:00.000"
