-- One row is a product with the ten terms that tell it apart best: the highest weight x idf,
-- which stands beside each. A phrase is one term;
-- a word of it is only listed beside it where most of its mentions are outside the phrase.
-- key: product_id
CREATE TABLE duckmark.product_keywords AS
WITH in_phrases AS (
    SELECT
        product_id,
        unnest(string_split(phrase, ' ')) AS term,
        own_count + review_count AS mentions
    FROM duckmark.product_phrases
),
most_in_one AS (
    SELECT
        product_id,
        term,
        max(mentions) AS mentions
    FROM in_phrases
    GROUP BY product_id, term
),
candidates AS (
    SELECT
        p.product_id,
        p.term,
        p.weight * t.idf AS importance
    FROM duckmark.product_terms AS p
    JOIN duckmark.terms AS t
        ON t.term = p.term
    LEFT JOIN most_in_one AS m
        ON m.product_id = p.product_id AND m.term = p.term
    WHERE 2 * coalesce(m.mentions, 0) < p.own_count + p.review_count
    UNION ALL
    SELECT
        p.product_id,
        p.phrase,
        p.weight * f.idf
    FROM duckmark.product_phrases AS p
    JOIN duckmark.phrases AS f
        ON f.phrase = p.phrase
)
SELECT
    product_id,
    list(term ORDER BY importance DESC, term) AS keywords,
    list(importance ORDER BY importance DESC, term) AS keyword_weights
FROM (
    FROM candidates
    QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY importance DESC, term) <= 10
)
GROUP BY product_id
ORDER BY product_id;
