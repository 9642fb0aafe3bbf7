-- One row is a text of the shop as it was written: a product's title, category and description, or one review.
-- What languages the shop speaks, and what words, is found in these.
CREATE VIEW duckmark.texts AS
SELECT
    'product' AS source,
    product_id AS text_id,
    concat_ws(' ', title, category, description) AS text
FROM duckmark.products
UNION ALL
SELECT
    'review',
    CAST(event_id AS VARCHAR),
    text
FROM duckmark.events
WHERE regexp_matches(text, '\S');
