-- Scores of every run of every churn model. Only the rows of the attempt that finished a run count:
-- what a killed attempt left behind is never read. `details` holds what else the model tells of the user.
CREATE TABLE IF NOT EXISTS churn_score
(
    project_id UInt32,
    model_id LowCardinality(String),
    run_id String,
    attempt UInt16,
    user_id UInt64 CODEC(Delta, ZSTD(1)),
    score Float64 CODEC(ZSTD(1)),
    details Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    person UInt64 ALIAS dictGetOrDefault('{{database}}.person_canonical', 'canonical', user_id, user_id)
)
ENGINE = MergeTree
ORDER BY (run_id, attempt, user_id)
SETTINGS non_replicated_deduplication_window = 1000;
