-- One row is a product's profile as a unit vector: the TF-IDF-weighted sum of its terms' word vectors; or, where a
-- transformer has read whole texts (duckmark.text_vectors), its own text's vector and the mean of its reviews'.
-- key: product_id
CREATE TABLE duckmark.product_vectors AS
WITH by_words AS (
    SELECT
        product_id,
        tfidf_profile(
            list(term ORDER BY term),
            list(weight ORDER BY term)
        ) AS vector
    FROM duckmark.product_terms
    GROUP BY product_id
),
texts AS (
    SELECT
        product_id,
        concat_ws(' ', title, category, description) AS text,
        1 AS weight
    FROM duckmark.products
    UNION ALL
    SELECT
        product_id,
        text,
        1 / count(*) OVER (PARTITION BY product_id)
    FROM duckmark.reviews
    WHERE text IS NOT NULL AND product_id IS NOT NULL
),
numbers AS (
    SELECT
        t.product_id,
        t.weight,
        unnest(v.vector) AS number,
        generate_subscripts(v.vector, 1) AS dimension
    FROM texts AS t
    JOIN duckmark.text_vectors AS v
        ON v.text = t.text
),
sums AS (
    SELECT
        product_id,
        dimension,
        sum(CAST(weight * number AS DECIMAL(18, 9))) AS total
    FROM numbers
    GROUP BY product_id, dimension
),
by_texts AS (
    SELECT
        product_id,
        list(CAST(total / length AS FLOAT) ORDER BY dimension) AS vector
    FROM (
        SELECT
            *,
            sqrt(sum(CAST(total AS DOUBLE) * total) OVER (PARTITION BY product_id)) AS length
        FROM sums
    )
    WHERE length > 0
    GROUP BY product_id
)
SELECT
    w.product_id,
    coalesce(t.vector, CASE WHEN n.texts = 0 THEN w.vector END) AS vector
FROM by_words AS w
LEFT JOIN by_texts AS t
    ON t.product_id = w.product_id
CROSS JOIN (SELECT count(*) AS texts FROM duckmark.text_vectors) AS n
ORDER BY w.product_id;
