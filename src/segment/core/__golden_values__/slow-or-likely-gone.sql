-- p1 = 1
-- p2 = 1
-- p3 = "fsn_1"
-- p4 = 3
-- p5 = 2
-- p6 = 0.8
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND (user_id IN (SELECT person FROM (SELECT person, argMin(values, (person != user_id, user_id))[{p4:UInt16}] AS value FROM feature_value WHERE snapshot_id = {p3:String} AND attempt = {p2:UInt16} GROUP BY person) WHERE value >= {p5:Float64}) OR user_id IN (SELECT person FROM (SELECT person, argMin(tuple(toNullable(score)), (person != user_id, user_id)).1 AS value FROM churn_score WHERE run_id = {p3:String} AND attempt = {p2:UInt16} GROUP BY person) WHERE value > {p6:Float64}))
ORDER BY person
