-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "2026-03-03 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = 0
-- p6 = "properties.city"
-- p7 = "Shenzhen"
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND ifNull(dynamicElement({p6:Identifier}, 'String') = {p7:String}, 0)
) AS population
LEFT JOIN (
  SELECT person, count() AS m1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time > {p3:DateTime64(3, 'UTC')}
    AND time <= {p4:DateTime64(3, 'UTC')}
  GROUP BY person
) AS activity ON activity.person = population.person
WHERE activity.m1 <= {p5:Float64}
ORDER BY person
