-- One row is a cleaning rule and what it did to the rows of one source: kept or dropped them, filled a value
-- that could not be used with NULL, or adjusted a quantity. Kept and dropped rows add up to the source;
-- filled and adjusted ones are among those kept. `share` is of all rows of the source.
CREATE VIEW data_quality AS
WITH verdicts AS (
    SELECT 'events' AS source, raw_events.source_id, event_checks.reason
    FROM duckmark.raw_events
    LEFT JOIN duckmark.event_checks
        ON event_checks.event_id = raw_events.event_id
    UNION ALL
    SELECT 'products', source_id, reason FROM duckmark.product_checks
    UNION ALL
    SELECT 'users', source_id, reason FROM duckmark.user_checks
),
tallied AS (
    SELECT
        source,
        source_id,
        reason,
        count(*) AS rows
    FROM verdicts
    GROUP BY source, source_id, reason
),
totals AS (
    SELECT
        source,
        source_id,
        sum(rows) AS total
    FROM tallied
    GROUP BY source, source_id
),
repairs AS (
    SELECT
        raw_events.source_id,
        sum(CAST(rating_unreadable AS INTEGER)) AS rating_unreadable,
        sum(CAST(rating_out_of_range AS INTEGER)) AS rating_out_of_range,
        sum(CAST(quantity_unreadable AS INTEGER)) AS quantity_unreadable,
        sum(CAST(price_unreadable AS INTEGER)) AS price_unreadable,
        sum(CAST(time_unreadable AS INTEGER)) AS time_unreadable,
        count(mistimed.event_id) AS time_mistyped
    FROM duckmark.raw_events
    LEFT JOIN duckmark.mistimed
        ON mistimed.event_id = raw_events.event_id
    ANTI JOIN (SELECT * FROM duckmark.event_checks WHERE reason IS NOT NULL) AS dropped
        ON dropped.event_id = raw_events.event_id
    GROUP BY raw_events.source_id
),
counted AS (
    SELECT
        source,
        source_id,
        coalesce(reason, 'usable') AS rule,
        CASE WHEN reason IS NULL THEN 'kept' ELSE 'dropped' END AS action,
        rows
    FROM tallied
    UNION ALL
    SELECT 'events', source_id, 'rating unreadable', 'filled', rating_unreadable FROM repairs
    UNION ALL
    SELECT 'events', source_id, 'rating out of range', 'filled', rating_out_of_range FROM repairs
    UNION ALL
    SELECT 'events', source_id, 'quantity unreadable', 'filled', quantity_unreadable FROM repairs
    UNION ALL
    SELECT 'events', source_id, 'price unreadable', 'filled', price_unreadable FROM repairs
    UNION ALL
    SELECT 'events', source_id, 'time unreadable', 'filled', time_unreadable FROM repairs
    UNION ALL
    SELECT 'events', source_id, 'time long after all others', 'filled', time_mistyped FROM repairs
    UNION ALL
    SELECT 'events', source_id, 'partly cancelled', 'adjusted', count(*)
    FROM duckmark.event_checks
    WHERE partly_cancelled AND reason IS NULL
    GROUP BY source_id
    UNION ALL
    SELECT 'products', raw_products.source_id, 'price unreadable', 'filled', count(*)
    FROM duckmark.raw_products
    JOIN duckmark.product_checks
        ON product_checks.raw_id = raw_products.raw_id
    WHERE raw_products.price_unreadable
        AND product_checks.reason IS NULL
    GROUP BY raw_products.source_id
)
SELECT
    counted.source,
    counted.source_id,
    counted.rule,
    counted.action,
    CAST(counted.rows AS BIGINT) AS rows,
    counted.rows / CAST(totals.total AS DOUBLE) AS share
FROM counted
JOIN totals
    ON totals.source = counted.source
    AND totals.source_id = counted.source_id
WHERE counted.rows > 0
ORDER BY
    counted.source,
    counted.source_id,
    counted.action = 'kept' DESC,
    counted.action,
    counted.rows DESC,
    counted.rule;
