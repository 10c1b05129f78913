SELECT person,
  CAST([
    if(isFinite(if(empty(arrayFilter(t -> t >= {p4:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p4:Int64}, a1))))), if(empty(arrayFilter(t -> t >= {p4:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p4:Int64}, a1)))), NULL),
    if(isFinite(if(empty(arrayFilter(t -> t >= {p5:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p5:Int64}, a1))))), if(empty(arrayFilter(t -> t >= {p5:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p5:Int64}, a1)))), NULL),
    if(isFinite(if(empty(arrayFilter(t -> t >= {p6:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1))))), if(empty(arrayFilter(t -> t >= {p6:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1)))), NULL),
    if(isFinite(if(empty(arrayFilter(t -> t >= {p7:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p7:Int64}, a1))))), if(empty(arrayFilter(t -> t >= {p7:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p7:Int64}, a1)))), NULL),
    if(isFinite(if(empty(arrayFilter(t -> t >= {p8:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1))))), if(empty(arrayFilter(t -> t >= {p8:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1)))), NULL),
    if(isFinite(if(empty(arrayFilter(t -> t >= {p9:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p9:Int64}, a1))))), if(empty(arrayFilter(t -> t >= {p9:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p9:Int64}, a1)))), NULL),
    if(isFinite(if(empty(a1), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(a1)))), if(empty(a1), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(a1))), NULL),
    if(isFinite(arraySum(p -> if(p > 1800000, 0, p), arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1))) / 60000 / if(empty(arrayFilter(t -> t >= {p6:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1))))), arraySum(p -> if(p > 1800000, 0, p), arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1))) / 60000 / if(empty(arrayFilter(t -> t >= {p6:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1)))), NULL),
    if(isFinite(arraySum(p -> if(p > 1800000, 0, p), arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1))) / 60000 / if(empty(arrayFilter(t -> t >= {p8:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1))))), arraySum(p -> if(p > 1800000, 0, p), arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1))) / 60000 / if(empty(arrayFilter(t -> t >= {p8:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1)))), NULL),
    if(isFinite(arraySum(p -> if(p > 1800000, 0, p), arrayDifference(a1)) / 60000 / if(empty(a1), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(a1)))), arraySum(p -> if(p > 1800000, 0, p), arrayDifference(a1)) / 60000 / if(empty(a1), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(a1))), NULL),
    if(isFinite(length(arrayFilter(t -> t >= {p6:Int64}, a1)) / if(empty(arrayFilter(t -> t >= {p6:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1))))), length(arrayFilter(t -> t >= {p6:Int64}, a1)) / if(empty(arrayFilter(t -> t >= {p6:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p6:Int64}, a1)))), NULL),
    if(isFinite(length(arrayFilter(t -> t >= {p8:Int64}, a1)) / if(empty(arrayFilter(t -> t >= {p8:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1))))), length(arrayFilter(t -> t >= {p8:Int64}, a1)) / if(empty(arrayFilter(t -> t >= {p8:Int64}, a1)), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(arrayFilter(t -> t >= {p8:Int64}, a1)))), NULL),
    if(isFinite(length(a1) / if(empty(a1), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(a1)))), length(a1) / if(empty(a1), 0, 1 + arrayCount(p -> p > 1800000, arrayDifference(a1))), NULL)
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    arraySort(groupArrayIf(toUnixTimestamp64Milli(time), event NOT IN {p2:Array(String)} AND time >= {p3:DateTime64(3, 'UTC')})) AS a1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time < {p10:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2025-12-10 12:00:00.000"
-- p4 = 1773057600000
-- p5 = 1772884800000
-- p6 = 1772539200000
-- p7 = 1771934400000
-- p8 = 1770552000000
-- p9 = 1767960000000
-- p10 = "2026-03-10 12:00:00.000"
