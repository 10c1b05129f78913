-- p1 = 1
-- p2 = "pricing-2026:"
-- p3 = 5000
-- p4 = 10000
-- p5 = "lst_00000000000000000000000000"
-- p6 = [4,6]
-- p7 = "properties.email"
-- p8 = "@example.com"
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND (halfMD5(concat({p2:String}, toString(user_id))) % 10000 >= {p3:UInt16} AND halfMD5(concat({p2:String}, toString(user_id))) % 10000 < {p4:UInt16})
  AND NOT (user_id IN (SELECT person FROM list_entry WHERE project_id = {p1:UInt32} AND list_id = {p5:String} AND upload IN {p6:Array(UInt32)} AND user_id > 0) OR ifNull(endsWith(dynamicElement({p7:Identifier}, 'String'), {p8:String}), 0))
ORDER BY person
