-- p1 = 1
-- p2 = "lst_00000000000000000000000000"
-- p3 = [4,6]
-- p4 = 1
-- p5 = "fsn_1"
-- p6 = 0.5
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND user_id IN (SELECT person FROM list_entry WHERE project_id = {p1:UInt32} AND list_id = {p2:String} AND upload IN {p3:Array(UInt32)} AND user_id > 0)
  AND NOT (user_id IN (SELECT person FROM (SELECT person, argMin(tuple(toNullable(score)), (person != user_id, user_id)).1 AS value FROM churn_score WHERE run_id = {p5:String} AND attempt = {p4:UInt16} GROUP BY person) WHERE value > {p6:Float64}))
ORDER BY person
