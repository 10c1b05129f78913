-- p1 = 1
-- p2 = 86400000
-- p3 = "view"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "pay"
-- p6 = "properties.method"
-- p7 = "card"
-- p8 = ["view","pay"]
-- p9 = "2026-03-04 05:00:00.000"
-- p10 = "2026-03-11 12:00:00.001"
SELECT 0 AS place, '' AS value, 0 AS groups, countIf(level >= 1) AS p1, countIf(level >= 2) AS p2, quantileExactInclusiveIf(0.5)(gap2, level >= 2) AS g2
FROM (
  SELECT levels[best] AS level, a2[best] - a1[best] AS gap2
  FROM (
  SELECT *, indexOf(levels, arrayMax(levels)) AS best
  FROM (
  SELECT *, arrayMap((x1, x2) -> 1 + (x2 - x1 <= {p2:Int64}), a1, a2) AS levels
  FROM (
  SELECT *, arrayMap(next -> if(next % 2 = 1, intDiv(next, 2), 1152921504606846976), arrayFilter((next, mark) -> mark % 2 = 0, arrayReverseFill(mark -> mark % 2 = 1, marks2), marks2)) AS a2
  FROM (
  SELECT *, arraySort(arrayConcat(arrayMap(t -> 2 * t, a1), arrayMap(t -> 2 * t + 1, t2))) AS marks2
  FROM (
  SELECT arraySort(groupArrayIf(ms, is1)) AS a1, arraySort(groupArrayIf(ms, is2)) AS t2
  FROM (
    SELECT person, toUnixTimestamp64Milli(time) AS ms,
      event = {p3:String} AND time < {p4:DateTime64(3, 'UTC')} AS is1,
      event = {p5:String} AND ifNull(dynamicElement({p6:Identifier}, 'String') = {p7:String}, 0) AS is2
    FROM event
    WHERE project_id = {p1:UInt32}
      AND event IN {p8:Array(String)}
      AND time >= {p9:DateTime64(3, 'UTC')}
      AND time < {p10:DateTime64(3, 'UTC')}
  )
  GROUP BY person
  HAVING notEmpty(a1)
  )
  )
  )
  )
  )
)
