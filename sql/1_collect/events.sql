-- One row is one thing a customer did with a product, once and cleaned: what the rest of the pipeline is
-- made of. Money and quantities are decimals, so that sums are exact whatever the order of the rows.
--
-- key: user_id, product_id
CREATE TABLE duckmark.events AS
SELECT
    raw_events.raw_id AS event_id,
    raw_events.user_id,
    raw_events.product_id,
    raw_events.kind,
    raw_events.rating,
    raw_events.text,
    event_checks.quantity_left AS quantity,
    raw_events.price,
    raw_events.happened_at,
    raw_events.channel,
    raw_events.order_id
FROM duckmark.raw_events
JOIN duckmark.event_checks
    ON event_checks.raw_id = raw_events.raw_id
WHERE event_checks.reason IS NULL
ORDER BY
    raw_events.user_id,
    raw_events.happened_at,
    raw_events.raw_id;
