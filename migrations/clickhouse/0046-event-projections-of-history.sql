-- For the events that are there already: in the background, and on after a restart. Until then parts without them are
-- read themselves.
ALTER TABLE event MATERIALIZE PROJECTION count_by_quarter;
ALTER TABLE event MATERIALIZE PROJECTION seen_by_day;
