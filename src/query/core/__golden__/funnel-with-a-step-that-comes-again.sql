-- p1 = 1
-- p2 = 86400000
-- p3 = "view"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "pay"
-- p6 = "properties.method"
-- p7 = "card"
-- p8 = "properties.channel"
-- p9 = ["view","pay"]
-- p10 = "2026-03-04 05:00:00.000"
-- p11 = "2026-03-11 12:00:00.001"
-- p12 = "properties.city"
-- p13 = "Shenzhen"
-- p14 = 10
SELECT least(ranking, {p14:UInt32} + 1) AS place, any(value) AS value, max(groups) AS groups,
  sum(c1) AS p1, sum(c2) AS p2, sum(c3) AS p3,
  quantileExactInclusiveIfMerge(0.5)(s2) AS g2, quantileExactInclusiveIfMerge(0.5)(s3) AS g3
FROM (
  SELECT *, row_number() OVER (ORDER BY c1 DESC, value) AS ranking, count() OVER () AS groups
  FROM (
    SELECT value, countIf(level >= 1) AS c1, countIf(level >= 2) AS c2, countIf(level >= 3) AS c3, quantileExactInclusiveIfState(0.5)(gap2, level >= 2) AS s2, quantileExactInclusiveIfState(0.5)(gap3, level >= 3) AS s3
    FROM (
      SELECT levels[best] AS level, a2[best] - a1[best] AS gap2, a3[best] - a2[best] AS gap3, begins[best].2 AS value
      FROM (
      SELECT *, indexOf(levels, arrayMax(levels)) AS best
      FROM (
      SELECT *, arrayMap((x1, x2, x3) -> 1 + (x2 - x1 <= {p2:Int64}) + (x3 - x1 <= {p2:Int64}), a1, a2, a3) AS levels
      FROM (
      SELECT *, arrayMap(next -> if(next % 2 = 1, intDiv(next, 2), 1152921504606846976), arrayFilter((next, mark) -> mark % 2 = 0, arrayReverseFill(mark -> mark % 2 = 1, marks3), marks3)) AS a3
      FROM (
      SELECT *, arraySort(arrayConcat(arrayMap(t -> 2 * t, arrayMap((previous, same) -> greatest(previous, same + 1), a2, a1)), arrayMap(t -> 2 * t + 1, t3))) AS marks3
      FROM (
      SELECT *, arrayMap(next -> if(next % 2 = 1, intDiv(next, 2), 1152921504606846976), arrayFilter((next, mark) -> mark % 2 = 0, arrayReverseFill(mark -> mark % 2 = 1, marks2), marks2)) AS a2
      FROM (
      SELECT *, arraySort(arrayConcat(arrayMap(t -> 2 * t, a1), arrayMap(t -> 2 * t + 1, t2))) AS marks2
      FROM (
      SELECT *, arrayMap(begin -> begin.1, begins) AS a1
      FROM (
      SELECT arraySort(groupArrayIf((ms, value), is1)) AS begins, arraySort(groupArrayIf(ms, is2)) AS t2, arraySort(groupArrayIf(ms, is3)) AS t3
      FROM (
        SELECT person, toUnixTimestamp64Milli(time) AS ms, ifNull(toJSONString({p8:Identifier}), '') AS value,
          event = {p3:String} AND time < {p4:DateTime64(3, 'UTC')} AS is1,
          event = {p5:String} AND ifNull(dynamicElement({p6:Identifier}, 'String') = {p7:String}, 0) AS is2,
          event = {p3:String} AS is3
        FROM event
        WHERE project_id = {p1:UInt32}
          AND event IN {p9:Array(String)}
          AND time >= {p10:DateTime64(3, 'UTC')}
          AND time < {p11:DateTime64(3, 'UTC')}
          AND person IN (SELECT user_id FROM profile FINAL WHERE project_id = {p1:UInt32} AND ifNull(dynamicElement({p12:Identifier}, 'String') = {p13:String}, 0))
      )
      GROUP BY person
      HAVING notEmpty(begins)
      )
      )
      )
      )
      )
      )
      )
      )
    )
    GROUP BY value
  )
)
GROUP BY place WITH ROLLUP
ORDER BY place
