SELECT person,
  CAST([
    a1,
    a2,
    a3,
    a4,
    a5,
    a6,
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a7)),
    arrayCount(x -> bitAnd(x, 4095) <= 1, arrayCompact(x -> bitShiftRight(x, 12), a7)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a7)),
    if(isFinite(if(empty(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)), NULL, arraySum(n -> n * (log2(length(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7))) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)), arrayFilter(x -> bitAnd(x, 4095) <= 1, a7), arrayShiftRight(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7), 1)), length(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)) + 1)))) / length(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)))), if(empty(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)), NULL, arraySum(n -> n * (log2(length(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7))) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)), arrayFilter(x -> bitAnd(x, 4095) <= 1, a7), arrayShiftRight(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7), 1)), length(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7)) + 1)))) / length(arrayFilter(x -> bitAnd(x, 4095) <= 1, a7))), NULL),
    if(isFinite(if(empty(a7), NULL, arraySum(n -> n * (log2(length(a7)) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(a7), a7, arrayShiftRight(a7, 1)), length(a7) + 1)))) / length(a7))), if(empty(a7), NULL, arraySum(n -> n * (log2(length(a7)) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(a7), a7, arrayShiftRight(a7, 1)), length(a7) + 1)))) / length(a7)), NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event IN {p3:Array(String)} AND time >= {p4:DateTime64(3, 'UTC')}) AS a1,
    countIf(event IN {p3:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')}) AS a2,
    countIf(event IN {p3:Array(String)} AND time >= {p6:DateTime64(3, 'UTC')}) AS a3,
    countIf(event IN {p3:Array(String)} AND time >= {p7:DateTime64(3, 'UTC')}) AS a4,
    countIf(event IN {p3:Array(String)} AND time >= {p8:DateTime64(3, 'UTC')}) AS a5,
    countIf(event IN {p3:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')}) AS a6,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(if(isNull({p10:Identifier}), 0, if(isNull(dynamicElement({p10:Identifier}, 'String')), if(isNull(dynamicElement({p10:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p10:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p10:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p10:Identifier}, 'String'))))), 12), (time < {p5:DateTime64(3, 'UTC')}) + (time < {p7:DateTime64(3, 'UTC')})), event IN {p3:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')} AND if(isNull({p10:Identifier}), 0, if(isNull(dynamicElement({p10:Identifier}, 'String')), if(isNull(dynamicElement({p10:Identifier}, 'Float64')), ifNull(bitNot(cityHash64(dynamicElement({p10:Identifier}, 'Bool'))), 0), cityHash64(assumeNotNull(dynamicElement({p10:Identifier}, 'Float64')))), cityHash64(assumeNotNull(dynamicElement({p10:Identifier}, 'String'))))) != 0)) AS a7
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p11:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = ["$pageview","$AppViewScreen","$MPViewScreen"]
-- p4 = "2026-03-09 12:00:00.000"
-- p5 = "2026-03-03 12:00:00.000"
-- p6 = "2026-02-24 12:00:00.000"
-- p7 = "2026-02-08 12:00:00.000"
-- p8 = "2026-01-09 12:00:00.000"
-- p9 = "2025-12-10 12:00:00.000"
-- p10 = "properties.$url_path"
-- p11 = "2026-03-10 12:00:00.000"
