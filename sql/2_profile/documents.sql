-- One row is a text of the shop, as tokens in its language: a product's title, category and description, or one
-- review. Word vectors and document frequencies are learned from these.
-- (The language is named, as a client before DuckDB 1.4 wants it.)
CREATE VIEW duckmark.documents AS
SELECT
    'product' AS source,
    p.product_id AS document_id,
    l.language,
    tokenize(concat_ws(' ', p.title, p.category, p.description), language := l.language) AS terms
FROM duckmark.products AS p
JOIN duckmark.product_languages AS l
    ON l.product_id = p.product_id
UNION ALL
SELECT
    'review',
    CAST(event_id AS VARCHAR),
    language,
    terms
FROM duckmark.reviews
WHERE text IS NOT NULL;
