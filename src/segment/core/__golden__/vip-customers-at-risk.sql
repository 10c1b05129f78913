-- p1 = 1
-- p2 = "pay"
-- p3 = "2025-08-12 12:00:00.000"
-- p4 = "2026-02-08 12:00:00.000"
-- p5 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p6 = "2025-12-10 12:00:00.000"
-- p7 = "2026-03-10 12:00:00.000"
-- p8 = "properties.amount"
-- p9 = 5000
-- p10 = 5
-- p11 = 0
-- p12 = "properties.vip"
-- p13 = true
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND ifNull(dynamicElement({p12:Identifier}, 'Bool') = {p13:Bool}, 0)
) AS population
INNER JOIN (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND ((event = {p2:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')})
      OR (event NOT IN {p5:Array(String)} AND time > {p6:DateTime64(3, 'UTC')} AND time <= {p7:DateTime64(3, 'UTC')}))
  GROUP BY person
  HAVING ifNull(sumIf(dynamicElement({p8:Identifier}, 'Float64'), event = {p2:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}), 0) >= {p9:Float64}
    AND (countIf(event NOT IN {p5:Array(String)} AND time > {p6:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) >= {p10:Float64} AND countIf(event NOT IN {p5:Array(String)} AND time > {p4:DateTime64(3, 'UTC')} AND time <= {p7:DateTime64(3, 'UTC')}) <= {p11:Float64})
) AS activity ON activity.person = population.person
ORDER BY person
