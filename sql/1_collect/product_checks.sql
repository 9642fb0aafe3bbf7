-- One row is a row of the products source with the verdict on it: the reason why it was dropped, or NULL.
-- Where a product is listed more than once, the newest load counts, and in it the first row.
--
-- key: product_id
CREATE TABLE duckmark.product_checks AS
WITH services AS (
    SELECT DISTINCT raw_products.raw_id
    FROM duckmark.raw_products
    JOIN duckmark.service_codes
        ON upper(raw_products.product_id) LIKE service_codes.code
        AND upper(coalesce(raw_products.title, '')) LIKE service_codes.title
)
SELECT
    raw_products.raw_id,
    raw_products.source_id,
    raw_products.product_id,
    CASE
        WHEN raw_products.product_id IS NULL THEN 'no product'
        WHEN services.raw_id IS NOT NULL THEN 'not goods'
        WHEN row_number() OVER (
            PARTITION BY raw_products.product_id
            ORDER BY raw_products.source_id DESC, raw_products.raw_id
        ) > 1 THEN 'duplicate'
    END AS reason
FROM duckmark.raw_products
LEFT JOIN services
    ON services.raw_id = raw_products.raw_id
ORDER BY raw_products.raw_id;
