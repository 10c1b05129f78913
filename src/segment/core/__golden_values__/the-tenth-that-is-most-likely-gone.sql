-- p1 = 1
-- p2 = 1
-- p3 = "fsn_1"
-- p4 = 10
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND user_id IN (SELECT person FROM (SELECT person, argMin(tuple(toNullable(decile)), (person != user_id, user_id)).1 AS value FROM (SELECT person, user_id, toFloat64(1 + intDiv(10 * (rank() OVER (ORDER BY score) - 1), count() OVER ())) AS decile FROM churn_score WHERE run_id = {p3:String} AND attempt = {p2:UInt16}) GROUP BY person) WHERE value = {p4:Float64})
ORDER BY person
