SELECT person,
  CAST([
    arrayCount(x -> bitAnd(x, 4095) <= 0, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    arrayCount(x -> bitAnd(x, 4095) <= 1, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    arrayCount(x -> bitAnd(x, 4095) <= 2, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    arrayCount(x -> bitAnd(x, 4095) <= 3, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    arrayCount(x -> bitAnd(x, 4095) <= 4, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    arrayCount(x -> bitAnd(x, 4095) <= 5, arrayCompact(x -> bitShiftRight(x, 12), a1)),
    length(arrayCompact(x -> bitShiftRight(x, 12), a1)),
    if(isFinite(if(empty(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)), NULL, arraySum(n -> n * (log2(length(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1))) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)), arrayFilter(x -> bitAnd(x, 4095) <= 4, a1), arrayShiftRight(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1), 1)), length(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)) + 1)))) / length(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)))), if(empty(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)), NULL, arraySum(n -> n * (log2(length(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1))) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)), arrayFilter(x -> bitAnd(x, 4095) <= 4, a1), arrayShiftRight(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1), 1)), length(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1)) + 1)))) / length(arrayFilter(x -> bitAnd(x, 4095) <= 4, a1))), NULL),
    if(isFinite(if(empty(a1), NULL, arraySum(n -> n * (log2(length(a1)) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(a1), a1, arrayShiftRight(a1, 1)), length(a1) + 1)))) / length(a1))), if(empty(a1), NULL, arraySum(n -> n * (log2(length(a1)) - log2(n)), arrayPopFront(arrayDifference(arrayPushBack(arrayFilter((i, x, previous) -> bitShiftRight(x, 12) != bitShiftRight(previous, 12), arrayEnumerate(a1), a1, arrayShiftRight(a1, 1)), length(a1) + 1)))) / length(a1)), NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    arraySort(groupArrayIf(bitOr(bitShiftLeft(cityHash64(event), 12), (time < {p3:DateTime64(3, 'UTC')}) + (time < {p4:DateTime64(3, 'UTC')}) + (time < {p5:DateTime64(3, 'UTC')}) + (time < {p6:DateTime64(3, 'UTC')}) + (time < {p7:DateTime64(3, 'UTC')}) + (time < {p8:DateTime64(3, 'UTC')})), event NOT IN {p2:Array(String)} AND time >= {p9:DateTime64(3, 'UTC')})) AS a1
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
