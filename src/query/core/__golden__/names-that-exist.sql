-- p1 = 1
-- p2 = "view"
-- p3 = 0
-- p4 = "pay"
-- p5 = "properties.method"
-- p6 = 2
-- p7 = "properties.city"
-- p8 = 3
SELECT {p3:UInt32} AS place FROM (SELECT 1 FROM event WHERE project_id = {p1:UInt32}
  AND event = {p2:String} LIMIT 1)
UNION ALL
SELECT {p1:UInt32} AS place FROM (SELECT 1 FROM event WHERE project_id = {p1:UInt32}
  AND event = {p4:String} LIMIT 1)
UNION ALL
SELECT {p6:UInt32} AS place FROM (SELECT 1 FROM event WHERE project_id = {p1:UInt32}
  AND event = {p4:String}
  AND isNotNull({p5:Identifier}) LIMIT 1)
UNION ALL
SELECT {p8:UInt32} AS place FROM (SELECT 1 FROM profile WHERE project_id = {p1:UInt32}
  AND isNotNull({p7:Identifier}) LIMIT 1)
