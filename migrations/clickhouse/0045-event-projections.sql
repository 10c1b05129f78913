-- How often each event came in each quarter of an hour, so that counts over time read no events.
-- A projection is kept with the rows of its part, so that it is right after a batch that came again, a merge, a
-- deletion and a crash. One quarter is the longest time that divides the days of every time zone.
ALTER TABLE event MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild';
ALTER TABLE event ADD PROJECTION IF NOT EXISTS count_by_quarter
(
    SELECT project_id, event, intDiv(toUnixTimestamp64Milli(time), 900000), count(), max(time)
    GROUP BY project_id, event, intDiv(toUnixTimestamp64Milli(time), 900000)
);

-- What was seen on each day in UTC, and of which users: they are numbers without large gaps, of which a bitmap keeps
-- each in at most two bytes.
ALTER TABLE event ADD PROJECTION IF NOT EXISTS seen_by_day
(
    SELECT project_id, event, toDate(time), count(), min(time), max(time), groupBitmapState(user_id)
    GROUP BY project_id, event, toDate(time)
);
