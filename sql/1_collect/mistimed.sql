-- One row is a raw event, with its time, whose year is most likely mistyped: its load has a few, one in a thousand at
-- most, that stand half a year or more after all others. Ages are counted from a shop's last event, so that one such row
-- would make everything old.
CREATE TABLE duckmark.mistimed AS
WITH days AS (
    SELECT
        source_id,
        max(happened_at) AS last_at,
        min(happened_at) AS first_at,
        count(*) AS events
    FROM duckmark.raw_events
    WHERE happened_at IS NOT NULL
    GROUP BY source_id, date_trunc('day', happened_at)
),
gaps AS (
    SELECT
        source_id,
        last_at,
        date_diff('day', last_at, lead(first_at) OVER by_day) AS days,
        sum(events) OVER (PARTITION BY source_id) AS events,
        sum(events) OVER by_day AS events_before
    FROM days
    WINDOW by_day AS (PARTITION BY source_id ORDER BY first_at)
),
ends AS (
    SELECT
        source_id,
        min(last_at) AS last_at
    FROM gaps
    WHERE days > 180 AND events >= 100 AND events - events_before <= greatest(1, events / 1000)
    GROUP BY source_id
)
SELECT
    raw_events.event_id,
    raw_events.happened_at
FROM duckmark.raw_events
JOIN ends
    ON ends.source_id = raw_events.source_id AND raw_events.happened_at > ends.last_at
ORDER BY raw_events.event_id;
