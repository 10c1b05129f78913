-- p1 = 1
-- p2 = 1772600400000
-- p3 = [0,86400,172800,259200,345600,428400,514800]
-- p4 = "view"
-- p5 = "2026-03-10 12:00:00.000"
-- p6 = ["pay","view"]
-- p7 = "properties.method"
-- p8 = "card"
-- p9 = "2026-03-04 05:00:00.000"
-- p10 = "properties.city"
-- p11 = "Shenzhen"
SELECT cohort, unit, count() AS persons
FROM (
  SELECT roundDown(intDiv(began - {p2:Int64}, 1000), {p3:Array(UInt32)}) AS cohort, arrayJoin(arrayConcat([-1], arrayDistinct(arrayMap(visit -> toInt64(roundDown(intDiv(visit - {p2:Int64}, 1000), {p3:Array(UInt32)})), if(arrayMax(visits) > began, [arrayMax(visits)], []))))) AS unit
  FROM (
    SELECT minIf(ms, is_first) AS began, groupArrayIf(ms, is_return) AS visits
    FROM (
      SELECT person, toUnixTimestamp64Milli(time) AS ms,
        event = {p4:String} AND time < {p5:DateTime64(3, 'UTC')} AS is_first,
        event IN {p6:Array(String)} AND ifNull(dynamicElement({p7:Identifier}, 'String') = {p8:String}, 0) AS is_return
      FROM event
      WHERE project_id = {p1:UInt32}
        AND (event = {p4:String} OR event IN {p6:Array(String)})
        AND (time >= {p9:DateTime64(3, 'UTC')} OR event = {p4:String})
        AND time < {p5:DateTime64(3, 'UTC')}
        AND person IN (SELECT user_id FROM profile FINAL WHERE project_id = {p1:UInt32} AND ifNull(dynamicElement({p10:Identifier}, 'String') = {p11:String}, 0))
    )
    GROUP BY person
    HAVING countIf(is_first) > 0 AND began >= {p2:Int64}
  )
)
GROUP BY cohort, unit
ORDER BY cohort, unit
