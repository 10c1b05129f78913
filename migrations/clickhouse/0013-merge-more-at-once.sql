-- The flow writes a part a batch. Merging ten parts at a time instead of a few halves what merges cost.
ALTER TABLE event MODIFY SETTING min_parts_to_merge_at_once = 10;
ALTER TABLE event_seen MODIFY SETTING min_parts_to_merge_at_once = 10;
