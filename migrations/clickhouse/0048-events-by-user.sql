-- What happened to a few users among all: an update of a live segment reads a granule for each user and part, instead of
-- the users of every event.
ALTER TABLE event ADD PROJECTION IF NOT EXISTS by_user
(
    SELECT project_id, event, user_id, time ORDER BY project_id, user_id, time
) WITH SETTINGS (index_granularity = 2048, min_compress_block_size = 16384);
-- Parts of a single batch are many and soon merged: they are read themselves, and the first merge makes the projections.
ALTER TABLE event MODIFY SETTING materialize_projections_on_insert = 0, materialize_projections_on_merge = 1;
-- For the events that are there already: in the background, and on after a restart.
ALTER TABLE event MATERIALIZE PROJECTION by_user;
