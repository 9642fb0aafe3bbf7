-- One row is a raw event, with its time, whose year is most likely mistyped: its load has a few, one in a thousand at
-- most, that stand half a year or more after all its others and after all that was loaded before. Ages are counted from
-- a shop's last event, so that one such row would make everything old.
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
        lead(first_at) OVER by_day AS next_at,
        sum(events) OVER (PARTITION BY source_id) AS events,
        sum(events) OVER by_day AS events_before
    FROM days
    WINDOW by_day AS (PARTITION BY source_id ORDER BY first_at)
),
-- Where a load ends, and, where it has such a few, the first of them.
loads AS (
    SELECT
        source_id,
        min(events) AS events,
        coalesce(min(last_at) FILTER (few_follow), max(last_at)) AS last_at,
        min(next_at) FILTER (few_follow) AS next_at
    FROM (
        SELECT
            *,
            date_diff('day', last_at, next_at) > 180
                AND events - events_before <= greatest(1, events / 1000) AS few_follow
        FROM gaps
    )
    GROUP BY source_id
),
ends AS (
    SELECT source_id, next_at
    FROM loads
    WINDOW so_far AS (ORDER BY source_id)
    QUALIFY sum(events) OVER so_far >= 100 AND date_diff('day', max(last_at) OVER so_far, next_at) > 180
)
SELECT
    raw_events.event_id,
    raw_events.happened_at
FROM duckmark.raw_events
JOIN ends
    ON ends.source_id = raw_events.source_id AND raw_events.happened_at >= ends.next_at
ORDER BY raw_events.event_id;
