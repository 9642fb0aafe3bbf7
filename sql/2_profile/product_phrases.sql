-- One row is a phrase of a product, with its counts in the product's own text (title x 3, category x 2,
-- description) and in its reviews, and the weight it has among its keywords: 1 + ln(count).
-- key: product_id
CREATE TABLE duckmark.product_phrases AS
WITH texts AS (
    SELECT
        p.product_id,
        3 AS times,
        tokenize(p.title, l.language) AS terms
    FROM duckmark.products AS p
    JOIN duckmark.product_languages AS l
        ON l.product_id = p.product_id
    UNION ALL
    SELECT
        p.product_id,
        2,
        tokenize(p.category, l.language)
    FROM duckmark.products AS p
    JOIN duckmark.product_languages AS l
        ON l.product_id = p.product_id
    UNION ALL
    SELECT
        p.product_id,
        1,
        tokenize(p.description, l.language)
    FROM duckmark.products AS p
    JOIN duckmark.product_languages AS l
        ON l.product_id = p.product_id
),
neighbours AS (
    SELECT
        product_id,
        times,
        unnest(list_zip(terms, terms[2:])) AS pair
    FROM texts
    WHERE len(terms) > 1
),
found AS (
    SELECT
        n.product_id,
        p.phrase,
        n.times AS own_count,
        0 AS review_count
    FROM neighbours AS n
    JOIN duckmark.phrases AS p
        ON p.first_term = n.pair[1] AND p.second_term = n.pair[2]
    UNION ALL
    SELECT
        r.product_id,
        unnest(t.phrases),
        0,
        1
    FROM duckmark.reviews AS r
    JOIN duckmark.review_terms AS t
        ON t.event_id = r.event_id
)
SELECT
    product_id,
    phrase,
    sum(own_count) AS own_count,
    sum(review_count) AS review_count,
    1 + ln(sum(own_count) + sum(review_count)) AS weight
FROM found
WHERE product_id IS NOT NULL
GROUP BY product_id, phrase
ORDER BY product_id, phrase;
