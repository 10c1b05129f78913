-- Merged persons: which person each absorbed one now is. Read through the dictionary below, by the alias `person`.
CREATE TABLE IF NOT EXISTS person_alias
(
    person_id UInt64,
    canonical UInt64,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY person_id;

-- At most two seconds behind the table; holds merged persons only. A server reloads it by its lifetime, for the
-- embedded engine the service asks for it after each merge.
CREATE DICTIONARY IF NOT EXISTS person_canonical
(
    person_id UInt64,
    canonical UInt64
)
PRIMARY KEY person_id
SOURCE(CLICKHOUSE({{credentials}}QUERY 'SELECT person_id, argMax(canonical, version) AS canonical FROM {{database}}.person_alias GROUP BY person_id'))
LAYOUT(HASHED())
LIFETIME(MIN 1 MAX 2);

-- Its granules are half the default, so that for a few users the projection of 0048 has fewer to read. They cannot be
-- changed later.
CREATE TABLE IF NOT EXISTS event
(
    project_id UInt32,
    event LowCardinality(String),
    user_id UInt64,
    time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id UUID,
    distinct_id String CODEC(ZSTD(1)),
    client_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    source LowCardinality(String),
    properties JSON(max_dynamic_paths = 512) CODEC(ZSTD(1)),
    person UInt64 ALIAS dictGetOrDefault('{{database}}.person_canonical', 'canonical', user_id, user_id)
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(time)
ORDER BY (project_id, event, user_id, time)
SETTINGS non_replicated_deduplication_window = 1000, index_granularity = 4096;

-- What makes a record known: looked up by the client's own time, so that a batch reads few granules.
CREATE TABLE IF NOT EXISTS event_seen
(
    project_id UInt32,
    client_time DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    event_id UUID,
    batch_id UInt64,
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = MergeTree
PARTITION BY toYYYYMMDD(received_at)
ORDER BY (project_id, client_time, event_id)
TTL toDateTime(received_at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 1000, ttl_only_drop_parts = 1, index_granularity = 1024;

-- Every person has a row here, also one without properties: it is the population of a project.
CREATE TABLE IF NOT EXISTS profile
(
    project_id UInt32,
    user_id UInt64,
    properties JSON(max_dynamic_paths = 512) CODEC(ZSTD(1)),
    version UInt64,
    is_deleted UInt8 DEFAULT 0
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project_id, user_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- A person's timeline: newest first, without reading the whole project.
ALTER TABLE event ADD INDEX IF NOT EXISTS user_id_idx user_id TYPE bloom_filter(0.01) GRANULARITY 8;
