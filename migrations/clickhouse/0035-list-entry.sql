-- Whom uploaded lists name. PostgreSQL says which uploads a list is made of: rows of any other one, such as an upload
-- that broke off, are never read. `user_id` is the user whom an identity belonged to when it was last looked up, 0 where
-- nobody had it yet; such an entry gets another row, with a higher version, when somebody has. The key '' is a user's
-- own number.
CREATE TABLE IF NOT EXISTS list_entry
(
    project_id UInt32,
    list_id LowCardinality(String),
    upload UInt32,
    key LowCardinality(String),
    value String CODEC(ZSTD(1)),
    line UInt32 CODEC(Delta, ZSTD(1)),
    user_id UInt64 CODEC(ZSTD(1)),
    version UInt64 CODEC(ZSTD(1)),
    person UInt64 ALIAS dictGetOrDefault('{{database}}.person_canonical', 'canonical', user_id, user_id)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, list_id, upload, key, value, line)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
