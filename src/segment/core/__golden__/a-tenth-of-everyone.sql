-- p1 = 1
-- p2 = "spring:"
-- p3 = 0
-- p4 = 1000
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND (halfMD5(concat({p2:String}, toString(user_id))) % 10000 >= {p3:UInt16} AND halfMD5(concat({p2:String}, toString(user_id))) % 10000 < {p4:UInt16})
ORDER BY person
