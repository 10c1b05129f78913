-- p1 = 1
-- p2 = "pa"
-- p3 = "pay"
-- p4 = "2026-03-04 00:00:00.000"
-- p5 = "2026-03-11 00:00:00.000"
-- p6 = 100
-- p7 = 5000
-- p8 = 7
-- p9 = "page"
-- p10 = 51
SELECT name, any(total) AS sampled, sum(occurrences) AS events,
  sumIf(occurrences, startsWith(value, '"')) AS texts, sumIf(occurrences, startsWith(value, '[')) AS lists, sumIf(occurrences, startsWith(value, '{')) AS objects,
  sumIf(occurrences, value IN ('true', 'false')) AS booleans, events - texts - lists - objects - booleans AS numbers,
  count() AS values,
  arraySlice(arraySort(groupArrayIf((-toInt64(occurrences), value), length(value) <= 200)), 1, 10) AS top
FROM (
  SELECT pair.1 AS name, pair.2 AS value, count() AS occurrences,
    sumIf(occurrences, value = '') OVER () AS total
  FROM (
    SELECT arrayJoin(arrayPushBack(JSONExtractKeysAndValuesRaw(toJSONString(properties)), ('', ''))) AS pair
    FROM (
      (SELECT properties
      FROM event
      WHERE project_id = {p1:UInt32}
        AND event = {p3:String}
        AND time >= {p4:DateTime64(3, 'UTC')}
        AND time < {p5:DateTime64(3, 'UTC')}
        AND user_id < {p6:UInt64}
      ORDER BY user_id, time LIMIT {p7:UInt32})
      UNION ALL
      (SELECT properties
      FROM event
      WHERE project_id = {p1:UInt32}
        AND event = {p3:String}
        AND time >= {p4:DateTime64(3, 'UTC')}
        AND time < {p5:DateTime64(3, 'UTC')}
        AND user_id >= {p6:UInt64}
      ORDER BY user_id, time LIMIT {p7:UInt32})
    )
  )
  GROUP BY name, value
)
WHERE value != '' AND positionCaseInsensitiveUTF8(name, {p2:String}) > 0
GROUP BY name
HAVING events < {p8:UInt64} OR (events = {p8:UInt64} AND name > {p9:String})
ORDER BY events DESC, name LIMIT {p10:UInt32}
