-- The catalogue, to be joined with events. PostgreSQL numbers the changes of an item: the highest version is the last.
CREATE TABLE IF NOT EXISTS item
(
    project_id UInt32,
    item_type LowCardinality(String),
    item_id String,
    properties JSON(max_dynamic_paths = 512) CODEC(ZSTD(1)),
    version UInt64,
    is_deleted UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, item_type, item_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
