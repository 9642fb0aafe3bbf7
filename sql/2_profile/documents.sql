-- One row is a text of the shop, as tokens: a product's title, category and description, or one review.
-- Word vectors and document frequencies are learned from these.
CREATE VIEW duckmark.documents AS
SELECT
    'product' AS source,
    product_id AS document_id,
    tokenize(concat_ws(' ', title, category, description)) AS terms
FROM duckmark.products
UNION ALL
SELECT
    'review',
    CAST(event_id AS VARCHAR),
    terms
FROM duckmark.reviews
WHERE text IS NOT NULL;
