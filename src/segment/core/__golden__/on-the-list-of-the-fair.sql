-- p1 = 1
-- p2 = "lst_00000000000000000000000000"
-- p3 = [4,6]
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND user_id IN (SELECT person FROM list_entry WHERE project_id = {p1:UInt32} AND list_id = {p2:String} AND upload IN {p3:Array(UInt32)} AND user_id > 0)
ORDER BY person
