-- p1 = 1
-- p2 = "properties.channel"
-- p3 = "properties.amount"
-- p4 = 1772600400000
-- p5 = [0,86400,172800,259200,345600,428400,514800]
-- p6 = "properties.city"
-- p7 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p8 = "2026-03-04 05:00:00.000"
-- p9 = "2026-03-10 12:00:00.000"
-- p10 = 5
SELECT bucket, place, any(ranks.group1) AS group1, any(ranks.group2) AS group2, any(ranks.group3) AS group3, max(groups) AS groups, ifNull(sum(v1), 0) AS m1, uniqExact(person) AS m2
FROM (
  SELECT roundDown(intDiv(toUnixTimestamp64Milli(time) - {p4:Int64}, 1000), {p5:Array(UInt32)}) AS bucket, toJSONString(event) AS group1, ifNull(toJSONString({p2:Identifier}), '') AS group2, profiles.profile3 AS group3, dynamicElement({p3:Identifier}, 'Float64') AS v1, person
  FROM event
  LEFT ANY JOIN (
    SELECT user_id AS profile_person, ifNull(toJSONString({p6:Identifier}), '') AS profile3
    FROM profile FINAL
    WHERE project_id = {p1:UInt32}
  ) AS profiles ON profiles.profile_person = person
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p7:Array(String)}
    AND time >= {p8:DateTime64(3, 'UTC')}
    AND time < {p9:DateTime64(3, 'UTC')}
) AS seen
LEFT ANY JOIN (
  SELECT group1, group2, group3, row_number() OVER (ORDER BY weight DESC, group1, group2, group3) AS place, count() OVER () AS groups
  FROM (
    SELECT group1, group2, group3, ifNull(sum(v1), 0) AS weight
    FROM (
      SELECT toJSONString(event) AS group1, ifNull(toJSONString({p2:Identifier}), '') AS group2, profiles.profile3 AS group3, dynamicElement({p3:Identifier}, 'Float64') AS v1
      FROM event
      LEFT ANY JOIN (
        SELECT user_id AS profile_person, ifNull(toJSONString({p6:Identifier}), '') AS profile3
        FROM profile FINAL
        WHERE project_id = {p1:UInt32}
      ) AS profiles ON profiles.profile_person = person
      WHERE project_id = {p1:UInt32}
        AND event NOT IN {p7:Array(String)}
        AND time >= {p8:DateTime64(3, 'UTC')}
        AND time < {p9:DateTime64(3, 'UTC')}
    )
    GROUP BY group1, group2, group3
  )
  ORDER BY place LIMIT {p10:UInt32}
) AS ranks USING (group1, group2, group3)
GROUP BY bucket, place
ORDER BY bucket, place
