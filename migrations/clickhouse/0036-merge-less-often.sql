-- Rows with a JSON column are what merges cost most for: with twenty parts at a time a row is merged once less on its
-- way to a large part. Profiles are few and rewritten whole by each merge.
ALTER TABLE event MODIFY SETTING min_parts_to_merge_at_once = 20;
ALTER TABLE profile MODIFY SETTING min_parts_to_merge_at_once = 10;
