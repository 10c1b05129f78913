-- Members of every run of every segment. Only the rows of the attempt that finished a run count:
-- what a killed attempt left behind is never read.
CREATE TABLE IF NOT EXISTS segment_member
(
    project_id UInt32,
    segment_id LowCardinality(String),
    run_id String,
    attempt UInt16,
    user_id UInt64 CODEC(Delta, ZSTD(1)),
    person UInt64 ALIAS dictGetOrDefault('{{database}}.person_canonical', 'canonical', user_id, user_id)
)
ENGINE = MergeTree
ORDER BY (run_id, attempt, user_id);
