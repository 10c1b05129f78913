-- What is known of users in live segments. A build is one full computation of one segment, brought up to date since;
-- the service names the build that counts. Of a user the row with the highest tick counts; `edge` is the moment, ms
-- since 1970, at which the answer may change though nothing happens, 0 for none.
CREATE TABLE IF NOT EXISTS segment_live
(
    build UInt32,
    user_id UInt64 CODEC(Delta, ZSTD(1)),
    is_member UInt8,
    edge Int64 CODEC(ZSTD(1)),
    tick UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(tick)
PARTITION BY build
ORDER BY (build, user_id);

-- The same edges by time, so that those that time crossed are found without looking at everyone. One that was moved
-- since stays until it is passed: the table above tells.
CREATE TABLE IF NOT EXISTS segment_live_edge
(
    build UInt32,
    edge Int64 CODEC(Delta, ZSTD(1)),
    user_id UInt64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY build
ORDER BY (build, edge, user_id)
TTL toDateTime(intDiv(edge, 1000)) + INTERVAL 7 DAY;

-- Users whom an update looks at, with the number that each has now.
CREATE TABLE IF NOT EXISTS segment_live_look
(
    look String,
    user_id UInt64,
    person UInt64,
    made_at DateTime DEFAULT now()
)
ENGINE = MergeTree
ORDER BY (look, user_id)
TTL made_at + INTERVAL 1 HOUR;
