-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-02-08 12:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
-- p5 = 1
-- p6 = 1
-- p7 = "fsn_1"
-- p8 = 0.5
SELECT population.person AS person
FROM (
  SELECT user_id AS person
  FROM profile FINAL
  WHERE project_id = {p1:UInt32}
    AND NOT ((user_id IN (SELECT person FROM (SELECT person, argMin(tuple(toNullable(score)), (person != user_id, user_id)).1 AS value FROM churn_score WHERE run_id = {p7:String} AND attempt = {p6:UInt16} GROUP BY person) WHERE value > {p8:Float64})))
) AS population
INNER JOIN (
  SELECT person
  FROM event
  WHERE project_id = {p1:UInt32}
    AND event = {p2:String}
    AND time > {p3:DateTime64(3, 'UTC')}
    AND time <= {p4:DateTime64(3, 'UTC')}
  GROUP BY person
  HAVING count() >= {p5:Float64}
) AS activity ON activity.person = population.person
ORDER BY person
