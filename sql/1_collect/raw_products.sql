-- One row is one row of the products source, ids cleaned and values typed. A refresh finds here what earlier
-- loads brought.
--
-- append
CREATE TABLE duckmark.raw_products AS
WITH written AS (
    SELECT
        *,
        duckmark.clean_id(product_id) AS product_text,
        nullif(trim(CAST(price AS VARCHAR)), '') AS price_text,
        TRY_CAST(price AS DECIMAL(18, 4)) AS price_number
    FROM source_products
)
SELECT
    source_id * 1099511627776 + source_row AS raw_id,
    source_id,
    duckmark.known_id(product_text) AS product_id,
    nullif(trim(CAST(title AS VARCHAR)), '') AS title,
    nullif(trim(CAST(description AS VARCHAR)), '') AS description,
    nullif(trim(CAST(category AS VARCHAR)), '') AS category,
    price_number AS price,
    attributes,
    price_text IS NOT NULL AND price_number IS NULL AS price_unreadable
FROM written;
