-- One row is a term of a product's reviews: how many of them have it, and how many of these are positive and
-- negative. What a product is called (a term of its title or category) says nothing of it and is left out.
-- key: product_id
CREATE TABLE duckmark.product_mentions AS
WITH words AS (
    SELECT
        r.event_id,
        r.product_id,
        r.label,
        unnest(list_distinct(t.terms)) AS term
    FROM duckmark.reviews AS r
    JOIN duckmark.review_terms AS t
        ON t.event_id = r.event_id
)
SELECT
    product_id,
    term,
    count(*) AS reviews,
    count(CASE WHEN label = 'positive' THEN 1 END) AS positive,
    count(CASE WHEN label = 'negative' THEN 1 END) AS negative
FROM words
GROUP BY product_id, term
ORDER BY product_id, term;
