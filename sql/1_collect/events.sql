-- One row is one thing a customer did with a product, once and cleaned: what the rest of the pipeline is
-- made of. Money and quantities are decimals, so that sums are exact whatever the order of the rows.
-- (Joined are the few rows that were dropped or adjusted: a large shop's verdicts do not fit into memory.)
--
-- key: event_id
CREATE TABLE duckmark.events AS
SELECT
    raw_events.event_id,
    raw_events.user_id,
    raw_events.product_id,
    raw_events.kind,
    raw_events.rating,
    raw_events.text,
    coalesce(adjusted.quantity_left, raw_events.quantity) AS quantity,
    raw_events.price,
    CASE WHEN mistimed.event_id IS NULL THEN raw_events.happened_at END AS happened_at,
    raw_events.channel,
    raw_events.order_id
FROM duckmark.raw_events
ANTI JOIN (SELECT * FROM duckmark.event_checks WHERE reason IS NOT NULL) AS dropped
    ON dropped.event_id = raw_events.event_id
LEFT JOIN (SELECT * FROM duckmark.event_checks WHERE partly_cancelled) AS adjusted
    ON adjusted.event_id = raw_events.event_id
LEFT JOIN duckmark.mistimed
    ON mistimed.event_id = raw_events.event_id
ORDER BY
    raw_events.user_id,
    raw_events.happened_at,
    raw_events.event_id;
