-- An insert is on the disk before the journal lets go of its batch, so that a power cut loses nothing acknowledged.
-- Merged parts need no such care: those that they replace stay for eight minutes.
ALTER TABLE event MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE event_seen MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE profile MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
ALTER TABLE person_alias MODIFY SETTING fsync_after_insert = 1, fsync_part_directory = 1;
