-- p1 = 1
-- p2 = ["pay","page"]
-- p3 = "2026-03-04"
-- p4 = "2026-03-11"
WITH (SELECT groupBitmapState(person_id) FROM person_alias) AS merged
SELECT name, bitmapOrCardinality(bitmapAndnot(users, merged), bitmapBuild(arrayMap(user -> dictGetOrDefault('person_canonical', 'canonical', user, user), bitmapToArray(bitmapAnd(users, merged))))) AS persons
FROM (
  SELECT toString(event) AS name, groupBitmapState(user_id) AS users
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event IN {p2:Array(String)}
    AND toDate(time) >= {p3:Date}
    AND toDate(time) < {p4:Date}
  GROUP BY event
)
