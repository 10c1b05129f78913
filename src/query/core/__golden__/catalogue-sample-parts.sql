-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-03-04"
-- p4 = "2026-03-11"
SELECT events, arrayMap(rank -> bitmapToArray(subBitmap(users, rank, 1))[1], arrayFilter(rank -> rank > 0, ranks)) AS cuts
FROM (
  SELECT count() AS events, groupBitmapState(user_id) AS users, arrayDistinct(arrayMap(part -> intDiv(part * bitmapCardinality(users), 10), range(1, 10))) AS ranks
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event = {p2:String}
    AND toDate(time) >= {p3:Date}
    AND toDate(time) < {p4:Date}
)
