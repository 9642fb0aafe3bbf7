-- One row is a purchase or a return of a product by a customer who returned it at least once: how many units
-- were bought or returned, how many of a purchase are left, and how many of a return found a purchase.
--
-- A return takes units back from the customer's latest purchases before it, as from the top of a pile.
-- `height` is the pile after each row: the running total, never below nothing. A purchase put its units on
-- top of what was there before; what is left of them is what the lowest pile from then on still reaches.
--
-- key: event_id
CREATE TABLE duckmark.cancellations AS
WITH returns AS (
    SELECT DISTINCT
        user_id,
        product_id
    FROM duckmark.raw_events
    WHERE kind = 'return'
),
moves AS (
    SELECT
        raw_events.event_id,
        raw_events.user_id,
        raw_events.product_id,
        raw_events.kind,
        raw_events.happened_at,
        coalesce(abs(raw_events.quantity), 1) AS units,
        max(CASE WHEN raw_events.kind = 'return' THEN 1 ELSE 0 END) OVER (
            PARTITION BY raw_events.user_id, raw_events.product_id
        ) AS returned
    FROM duckmark.raw_events
    SEMI JOIN returns
        ON returns.user_id = raw_events.user_id AND returns.product_id = raw_events.product_id
    LEFT JOIN duckmark.event_faults
        ON event_faults.event_id = raw_events.event_id
    WHERE event_faults.event_id IS NULL
        AND raw_events.user_id IS NOT NULL
        AND raw_events.kind IN ('purchase', 'return')
),
-- In order of time; at one and the same time purchases come first.
placed AS (
    SELECT
        *,
        row_number() OVER (
            PARTITION BY user_id, product_id
            ORDER BY happened_at NULLS FIRST, kind, event_id
        ) AS place,
        sum(CASE WHEN kind = 'return' THEN -units ELSE units END) OVER (
            PARTITION BY user_id, product_id
            ORDER BY happened_at NULLS FIRST, kind, event_id
            ROWS UNBOUNDED PRECEDING
        ) AS total
    FROM moves
    WHERE returned = 1
),
heights AS (
    SELECT
        *,
        total - least(0, min(total) OVER (
            PARTITION BY user_id, product_id
            ORDER BY place
            ROWS UNBOUNDED PRECEDING
        )) AS height
    FROM placed
),
piles AS (
    SELECT
        *,
        coalesce(lag(height) OVER (PARTITION BY user_id, product_id ORDER BY place), 0) AS height_before,
        min(height) OVER (
            PARTITION BY user_id, product_id
            ORDER BY place
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS lowest_from_here
    FROM heights
)
SELECT
    event_id,
    user_id,
    product_id,
    kind,
    CAST(units AS DECIMAL(18, 3)) AS units,
    CASE
        WHEN kind = 'purchase'
            THEN CAST(greatest(0, least(units, lowest_from_here - height_before)) AS DECIMAL(18, 3))
    END AS units_left,
    CASE WHEN kind = 'return' THEN CAST(height_before - height AS DECIMAL(18, 3)) END AS units_matched
FROM piles
ORDER BY event_id;
