-- p1 = 1
-- p2 = "pay"
-- p3 = "2026-03-04 05:00:00.000"
-- p4 = "2026-03-10 12:00:00.000"
SELECT count() AS events,
  arrayMap(user -> toUInt64(user), arrayFilter(user -> isFinite(user), quantiles(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)(user_id))) AS cuts
FROM event
WHERE project_id = {p1:UInt32}
  AND event = {p2:String}
  AND time >= {p3:DateTime64(3, 'UTC')}
  AND time < {p4:DateTime64(3, 'UTC')}
