SELECT person,
  arrayMap(v -> if(isFinite(v), v, NULL), CAST([
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    a7,
    a8,
    a9,
    a10
  ], 'Array(Nullable(Float64))')) AS values
FROM (
  SELECT person,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p4:Identifier}, 'String')), cityHash64(dynamicElement({p4:Identifier}, 'Float64')), cityHash64(dynamicElement({p4:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p4:Identifier}, 'String')), cityHash64(dynamicElement({p4:Identifier}, 'Float64')), cityHash64(dynamicElement({p4:Identifier}, 'Bool')), 0) != 0) AS a1,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p4:Identifier}, 'String')), cityHash64(dynamicElement({p4:Identifier}, 'Float64')), cityHash64(dynamicElement({p4:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p4:Identifier}, 'String')), cityHash64(dynamicElement({p4:Identifier}, 'Float64')), cityHash64(dynamicElement({p4:Identifier}, 'Bool')), 0) != 0) AS a2,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p6:Identifier}, 'String')), cityHash64(dynamicElement({p6:Identifier}, 'Float64')), cityHash64(dynamicElement({p6:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p6:Identifier}, 'String')), cityHash64(dynamicElement({p6:Identifier}, 'Float64')), cityHash64(dynamicElement({p6:Identifier}, 'Bool')), 0) != 0) AS a3,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p6:Identifier}, 'String')), cityHash64(dynamicElement({p6:Identifier}, 'Float64')), cityHash64(dynamicElement({p6:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p6:Identifier}, 'String')), cityHash64(dynamicElement({p6:Identifier}, 'Float64')), cityHash64(dynamicElement({p6:Identifier}, 'Bool')), 0) != 0) AS a4,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p7:Identifier}, 'String')), cityHash64(dynamicElement({p7:Identifier}, 'Float64')), cityHash64(dynamicElement({p7:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p7:Identifier}, 'String')), cityHash64(dynamicElement({p7:Identifier}, 'Float64')), cityHash64(dynamicElement({p7:Identifier}, 'Bool')), 0) != 0) AS a5,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p7:Identifier}, 'String')), cityHash64(dynamicElement({p7:Identifier}, 'Float64')), cityHash64(dynamicElement({p7:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p7:Identifier}, 'String')), cityHash64(dynamicElement({p7:Identifier}, 'Float64')), cityHash64(dynamicElement({p7:Identifier}, 'Bool')), 0) != 0) AS a6,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p8:Identifier}, 'String')), cityHash64(dynamicElement({p8:Identifier}, 'Float64')), cityHash64(dynamicElement({p8:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p8:Identifier}, 'String')), cityHash64(dynamicElement({p8:Identifier}, 'Float64')), cityHash64(dynamicElement({p8:Identifier}, 'Bool')), 0) != 0) AS a7,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p8:Identifier}, 'String')), cityHash64(dynamicElement({p8:Identifier}, 'Float64')), cityHash64(dynamicElement({p8:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p8:Identifier}, 'String')), cityHash64(dynamicElement({p8:Identifier}, 'Float64')), cityHash64(dynamicElement({p8:Identifier}, 'Bool')), 0) != 0) AS a8,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p9:Identifier}, 'String')), cityHash64(dynamicElement({p9:Identifier}, 'Float64')), cityHash64(dynamicElement({p9:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p9:Identifier}, 'String')), cityHash64(dynamicElement({p9:Identifier}, 'Float64')), cityHash64(dynamicElement({p9:Identifier}, 'Bool')), 0) != 0) AS a9,
    uniqExactIf(coalesce(cityHash64(dynamicElement({p9:Identifier}, 'String')), cityHash64(dynamicElement({p9:Identifier}, 'Float64')), cityHash64(dynamicElement({p9:Identifier}, 'Bool')), 0), event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')} AND coalesce(cityHash64(dynamicElement({p9:Identifier}, 'String')), cityHash64(dynamicElement({p9:Identifier}, 'Float64')), cityHash64(dynamicElement({p9:Identifier}, 'Bool')), 0) != 0) AS a10
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p10:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "properties.$device_id"
-- p5 = "2025-12-10 12:00:00.000"
-- p6 = "properties.$os"
-- p7 = "properties.$browser"
-- p8 = "properties.$city"
-- p9 = "properties.$utm_source"
-- p10 = "2026-03-10 12:00:00.000"
