-- One row is a user's profile as a unit vector: the TF-IDF-weighted sum of their terms' word vectors; or, where a
-- transformer has read whole texts (duckmark.text_vectors), the sum of the vectors of the own texts of the products they
-- took, each by its preference, and of what they wrote, with dislikes at a quarter as in duckmark.user_terms.
-- key: user_id
-- parts
CREATE TABLE duckmark.user_vectors AS
WITH by_words AS (
    SELECT
        user_id,
        tfidf_profile(
            list(term ORDER BY term),
            list(weight ORDER BY term)
        ) AS vector
    FROM duckmark.user_terms
    GROUP BY user_id
),
vectors AS (
    SELECT
        i.user_id,
        duckmark.strength(i.preference) AS weight,
        v.vector
    FROM duckmark.interactions AS i
    JOIN duckmark.products AS p
        ON p.product_id = i.product_id
    JOIN duckmark.text_vectors AS v
        ON v.text = concat_ws(' ', p.title, p.category, p.description)
    UNION ALL
    SELECT
        r.user_id,
        duckmark.strength(duckmark.opinion(r.satisfaction)),
        v.vector
    FROM duckmark.reviews AS r
    JOIN duckmark.text_vectors AS v
        ON v.text = r.text
    WHERE r.user_id IS NOT NULL
),
numbers AS (
    SELECT
        user_id,
        weight,
        unnest(vector) AS number,
        generate_subscripts(vector, 1) AS dimension
    FROM vectors
),
sums AS (
    SELECT
        user_id,
        dimension,
        sum(CAST(weight * number AS DECIMAL(18, 9))) AS total
    FROM numbers
    GROUP BY user_id, dimension
),
by_texts AS (
    SELECT
        user_id,
        list(CAST(total / length AS FLOAT) ORDER BY dimension) AS vector
    FROM (
        SELECT
            *,
            sqrt(sum(CAST(total AS DOUBLE) * total) OVER (PARTITION BY user_id)) AS length
        FROM sums
    )
    WHERE length > 0
    GROUP BY user_id
)
SELECT
    w.user_id,
    coalesce(t.vector, CASE WHEN n.texts = 0 THEN w.vector END) AS vector
FROM by_words AS w
LEFT JOIN by_texts AS t
    ON t.user_id = w.user_id
CROSS JOIN (SELECT count(*) AS texts FROM duckmark.text_vectors) AS n
ORDER BY w.user_id;
