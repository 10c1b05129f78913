-- p1 = 1
-- p2 = "pay"
-- p3 = 2000
SELECT DISTINCT splitByChar('.', arrayJoin(JSONAllPaths(properties)))[1] AS name FROM (SELECT properties FROM event WHERE project_id = {p1:UInt32}
  AND event = {p2:String} LIMIT {p3:UInt32})
