-- One row is a raw event that cannot be used by itself, with the first reason that holds. Rows without a
-- fault are not listed.
--
-- Two rows that agree in everything are one event written twice, unless nothing but the product and a rating
-- is known: then they are two customers.
--
-- key: user_id, product_id
CREATE TABLE duckmark.event_faults AS
WITH services AS (
    SELECT DISTINCT
        raw_events.product_id,
        raw_events.title
    FROM duckmark.raw_events
    JOIN duckmark.service_codes
        ON upper(raw_events.product_id) LIKE service_codes.code
        AND upper(coalesce(raw_events.title, '')) LIKE service_codes.title
),
numbered AS (
    SELECT
        raw_id,
        user_expected,
        user_id,
        product_id,
        kind,
        quantity,
        price,
        title,
        coalesce(user_id, order_id, text) IS NOT NULL OR happened_at IS NOT NULL AS is_told_apart,
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
            ORDER BY raw_id
        ) AS copy
    FROM duckmark.raw_events
),
judged AS (
    SELECT
        numbered.raw_id,
        numbered.user_id,
        numbered.product_id,
        CASE
            WHEN numbered.product_id IS NULL THEN 'no product'
            WHEN user_expected AND user_id IS NULL THEN 'no customer'
            WHEN is_told_apart AND copy > 1 THEN 'duplicate'
            WHEN services.product_id IS NOT NULL THEN 'not goods'
            WHEN kind = 'purchase' AND price <= 0 THEN 'price not positive'
            WHEN kind IN ('purchase', 'cart') AND quantity <= 0 THEN 'quantity not positive'
        END AS fault
    FROM numbered
    LEFT JOIN services
        ON services.product_id = numbered.product_id
        AND services.title IS NOT DISTINCT FROM numbered.title
)
SELECT
    raw_id,
    user_id,
    product_id,
    fault
FROM judged
WHERE fault IS NOT NULL
ORDER BY raw_id;
