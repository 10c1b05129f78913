-- p1 = 1
-- p2 = 1772600400000
-- p3 = [0,86400,172800,259200,345600,428400,514800]
-- p4 = "view"
-- p5 = "2026-03-10 12:00:00.000"
-- p6 = "properties.method"
-- p7 = "card"
-- p8 = ["$MessageSent","$MessageHeld","$MessageOpened","$LinkClicked","$AdAttributed","$AdCallbackSent","$SegmentEntered","$SegmentExited"]
-- p9 = "2026-03-04 05:00:00.000"
SELECT cohort, unit, count() AS persons
FROM (
  SELECT roundDown(intDiv(began - {p2:Int64}, 1000), {p3:Array(UInt32)}) AS cohort, arrayJoin(arrayConcat([-1], arrayDistinct(arrayMap(visit -> toInt64(roundDown(intDiv(visit - {p2:Int64}, 1000), {p3:Array(UInt32)})), arrayFilter(visit -> visit > began, visits))))) AS unit
  FROM (
    SELECT minIf(ms, is_first) AS began, groupArrayIf(ms, is_return) AS visits
    FROM (
      SELECT person, toUnixTimestamp64Milli(time) AS ms,
        event = {p4:String} AND time < {p5:DateTime64(3, 'UTC')} AND ifNull(dynamicElement({p6:Identifier}, 'String') = {p7:String}, 0) AS is_first,
        event NOT IN {p8:Array(String)} AS is_return
      FROM event
      WHERE project_id = {p1:UInt32}
        AND (event = {p4:String} OR event NOT IN {p8:Array(String)})
        AND time >= {p9:DateTime64(3, 'UTC')}
        AND time < {p5:DateTime64(3, 'UTC')}
    )
    GROUP BY person
    HAVING countIf(is_first) > 0 AND began >= {p2:Int64}
  )
)
GROUP BY cohort, unit
ORDER BY cohort, unit
