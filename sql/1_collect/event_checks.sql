-- One row is a raw event that was dropped or adjusted: the reason why it was dropped, or NULL where it is kept, and the
-- quantity that cancellations left of it. Events that are kept as they came are not listed.
--
-- key: event_id
CREATE TABLE duckmark.event_checks AS
WITH judged AS (
    SELECT
        raw_events.event_id,
        raw_events.source_id,
        raw_events.user_id,
        raw_events.product_id,
        CASE
            WHEN event_faults.fault IS NOT NULL THEN event_faults.fault
            WHEN raw_events.kind = 'return' AND cancellations.units_matched > 0 THEN 'cancellation'
            WHEN raw_events.kind = 'return' THEN 'cancellation without a purchase'
            WHEN cancellations.units_left = 0 THEN 'cancelled purchase'
        END AS reason,
        CASE
            WHEN raw_events.quantity IS NOT NULL THEN coalesce(cancellations.units_left, raw_events.quantity)
        END AS quantity_left,
        coalesce(cancellations.units_left BETWEEN 0.001 AND cancellations.units - 0.001, false) AS partly_cancelled
    FROM duckmark.raw_events
    LEFT JOIN duckmark.event_faults
        ON event_faults.event_id = raw_events.event_id
    LEFT JOIN duckmark.cancellations
        ON cancellations.event_id = raw_events.event_id
)
SELECT *
FROM judged
WHERE reason IS NOT NULL OR partly_cancelled
ORDER BY event_id;
