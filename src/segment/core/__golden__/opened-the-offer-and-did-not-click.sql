-- p1 = 1
-- p2 = ["$MessageOpened","$LinkClicked"]
-- p3 = "2026-02-24 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = "properties.message_id"
-- p6 = "msg_"
-- p7 = "properties.is_machine"
-- p8 = true
-- p9 = "$MessageOpened"
-- p10 = 1
-- p11 = "$LinkClicked"
-- p12 = 0
SELECT person
FROM event
WHERE project_id = {p1:UInt32}
  AND event IN {p2:Array(String)}
  AND time > {p3:DateTime64(3, 'UTC')}
  AND time <= {p4:DateTime64(3, 'UTC')}
GROUP BY person
HAVING countIf(event = {p9:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')} AND ifNull(startsWith(dynamicElement({p5:Identifier}, 'String'), {p6:String}), 0) AND NOT ifNull(dynamicElement({p7:Identifier}, 'Bool') = {p8:Bool}, 0)) >= {p10:Float64}
  AND countIf(event = {p11:String} AND time > {p3:DateTime64(3, 'UTC')} AND time <= {p4:DateTime64(3, 'UTC')}) <= {p12:Float64}
ORDER BY person
