-- One row is a term of a product, with its counts in the product's own text (title x 3, category x 2,
-- description) and in its reviews, and the weight it has in the profile: 1 + ln(count).
-- key: product_id
-- dictionary
CREATE TABLE duckmark.product_terms AS
WITH own AS (
    SELECT
        p.product_id,
        unnest(
            tokenize(
                concat_ws(' ', p.title, p.title, p.title, p.category, p.category, p.description),
                l.language
            )
        ) AS term,
        1 AS is_own
    FROM duckmark.products AS p
    JOIN duckmark.product_languages AS l
        ON l.product_id = p.product_id
),
reviewed AS (
    SELECT
        product_id,
        unnest(terms) AS term,
        0 AS is_own
    FROM duckmark.reviews
)
SELECT
    product_id,
    term,
    sum(is_own) AS own_count,
    count(*) - sum(is_own) AS review_count,
    1 + ln(count(*)) AS weight
FROM (FROM own UNION ALL FROM reviewed)
WHERE product_id IS NOT NULL
GROUP BY product_id, term
ORDER BY product_id, term;
