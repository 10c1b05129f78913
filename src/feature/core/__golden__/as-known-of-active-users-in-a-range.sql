SELECT person,
  CAST([
    a1
  ], 'Array(Nullable(Float64))') AS values
FROM (
  SELECT person,
    countIf(event = {p3:String} AND time >= {p4:DateTime64(3, 'UTC')}) AS a1
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event NOT IN {p2:Array(String)}
    AND time >= {p5:DateTime64(3, 'UTC')}
    AND time < {p6:DateTime64(3, 'UTC')}
    AND received_at < {p6:DateTime64(3, 'UTC')}
    AND (user_id > {p7:UInt64} AND user_id <= {p8:UInt64} OR user_id IN (SELECT person_id FROM person_alias WHERE canonical > {p7:UInt64} AND canonical <= {p8:UInt64}))
    AND person > {p7:UInt64} AND person <= {p8:UInt64}
  GROUP BY person
  HAVING countIf(event NOT IN {p2:Array(String)} AND time >= {p5:DateTime64(3, 'UTC')}) > 0
) AS activity

-- p1 = 1
-- p2 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p3 = "pay"
-- p4 = "2026-02-08 12:00:00.000"
-- p5 = "2026-01-09 12:00:00.000"
-- p6 = "2026-03-10 12:00:00.000"
-- p7 = 100
-- p8 = 200
