-- One row is one row of the products source, ids cleaned and values typed. A refresh finds here what earlier
-- loads brought.
--
-- append
CREATE TABLE duckmark.raw_products AS
WITH written AS (
    SELECT
        *,
        duckmark.clean_id(product_id) AS product_text,
        nullif(trim(CAST(price AS VARCHAR)), '') AS price_text
    FROM source_products
),
typed AS (
    SELECT
        *,
        -- A price may carry a currency sign and thousands separators: £1,299.00.
        coalesce(
            TRY_CAST(price_text AS DECIMAL(18, 4)),
            CASE
                WHEN regexp_matches(price_text, '^[^0-9.+-]{0,4}[0-9]{1,3}(,[0-9]{3})*([.][0-9]+)?$')
                    THEN TRY_CAST(regexp_replace(price_text, '[^0-9.]', '', 'g') AS DECIMAL(18, 4))
            END
        ) AS price_number
    FROM written
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
FROM typed;
