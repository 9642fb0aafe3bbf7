-- One row is a raw event that cannot be used by itself, with the first reason that holds. Rows without a
-- fault are not listed.
--
-- Two rows that agree in everything are one event written twice, unless nothing but the product and a rating
-- is known: then they are two customers.
--
-- key: event_id
CREATE TABLE duckmark.event_faults AS
WITH goods AS (
    SELECT DISTINCT
        product_id,
        title
    FROM duckmark.raw_events
),
services AS (
    SELECT DISTINCT
        goods.product_id,
        goods.title
    FROM goods
    JOIN duckmark.service_codes
        ON upper(goods.product_id) LIKE service_codes.code
        AND upper(coalesce(goods.title, '')) LIKE service_codes.title
),
-- Rows that may be copies: few rows share such a number, and comparing only these takes no time in a large shop.
alike AS (
    SELECT hash(user_id, product_id, happened_at, order_id, kind, quantity, price, text) AS likeness
    FROM duckmark.raw_events
    GROUP BY likeness
    HAVING count(*) > 1
),
numbered AS (
    SELECT
        event_id,
        row_number() OVER (
            PARTITION BY
                user_id,
                product_id,
                happened_at,
                order_id,
                kind,
                quantity,
                price,
                rating,
                text,
                channel,
                title,
                description,
                category,
                user_attributes,
                product_attributes
            ORDER BY event_id
        ) AS copy
    FROM duckmark.raw_events
    WHERE hash(user_id, product_id, happened_at, order_id, kind, quantity, price, text) IN (FROM alike)
        AND (coalesce(user_id, order_id, text) IS NOT NULL OR happened_at IS NOT NULL)
),
copies AS (
    SELECT event_id
    FROM numbered
    WHERE copy > 1
),
judged AS (
    SELECT
        raw_events.event_id,
        raw_events.user_id,
        raw_events.product_id,
        CASE
            WHEN raw_events.product_id IS NULL THEN 'no product'
            WHEN user_expected AND user_id IS NULL THEN 'no customer'
            WHEN copies.event_id IS NOT NULL THEN 'duplicate'
            WHEN services.product_id IS NOT NULL THEN 'not goods'
            WHEN kind = 'purchase' AND price <= 0 THEN 'price not positive'
            WHEN kind IN ('purchase', 'cart') AND quantity <= 0 THEN 'quantity not positive'
        END AS fault
    FROM duckmark.raw_events
    LEFT JOIN copies
        ON copies.event_id = raw_events.event_id
    LEFT JOIN services
        ON services.product_id = raw_events.product_id
        AND services.title IS NOT DISTINCT FROM raw_events.title
)
SELECT
    event_id,
    user_id,
    product_id,
    fault
FROM judged
WHERE fault IS NOT NULL
ORDER BY event_id;
