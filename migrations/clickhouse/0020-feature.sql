-- Values of every snapshot of every feature set: one row per person, the values in the order of the snapshot's
-- features. Only the rows of the attempt that finished a snapshot count.
CREATE TABLE IF NOT EXISTS feature_value
(
    project_id UInt32,
    set_id LowCardinality(String),
    snapshot_id String,
    attempt UInt16,
    user_id UInt64 CODEC(Delta, ZSTD(1)),
    values Array(Nullable(Float64)) CODEC(ZSTD(1)),
    person UInt64 ALIAS dictGetOrDefault('{{database}}.person_canonical', 'canonical', user_id, user_id)
)
ENGINE = MergeTree
ORDER BY (snapshot_id, attempt, user_id);
