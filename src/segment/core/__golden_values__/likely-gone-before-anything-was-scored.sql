-- p1 = 1
SELECT user_id AS person
FROM profile FINAL
WHERE project_id = {p1:UInt32}
  AND false
ORDER BY person
