-- p1 = 1
-- p2 = "2026-03-04"
-- p3 = "2026-03-11"
-- p4 = "pa"
-- p5 = 7
-- p6 = "page"
-- p7 = 51
SELECT toString(event) AS name, count() AS events,
  toUnixTimestamp64Milli(min(time)) AS firstMs, toUnixTimestamp64Milli(max(time)) AS lastMs
FROM event
WHERE project_id = {p1:UInt32}
  AND toDate(time) >= {p2:Date}
  AND toDate(time) < {p3:Date}
  AND positionCaseInsensitiveUTF8(event, {p4:String}) > 0
GROUP BY event
HAVING events < {p5:UInt64} OR (events = {p5:UInt64} AND name > {p6:String})
ORDER BY events DESC, name LIMIT {p7:UInt32}
