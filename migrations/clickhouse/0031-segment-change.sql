-- Who came into a segment and who left it. PostgreSQL numbers the batches of changes; a batch written again is the same rows.
CREATE TABLE IF NOT EXISTS segment_change
(
    segment_id LowCardinality(String),
    batch UInt64,
    user_id UInt64 CODEC(Delta, ZSTD(1)),
    is_entry UInt8,
    at DateTime64(3, 'UTC') CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (segment_id, batch, user_id)
TTL toDateTime(at) + INTERVAL 90 DAY;
