-- The k products most like a product, best first: by the cosine of their profiles ('content') where it has one,
-- otherwise by who chose both ('items').
CREATE MACRO similar_products(for_product, k := 10) AS TABLE
WITH by_profile AS (
    SELECT
        v.product_id,
        CAST(list_cosine_similarity(v.vector, q.vector) AS DOUBLE) AS score,
        'content' AS source
    FROM duckmark.product_vectors AS v
    JOIN duckmark.product_vectors AS q
        ON q.product_id = CAST(for_product AS VARCHAR) AND v.product_id <> q.product_id
    WHERE v.vector IS NOT NULL AND q.vector IS NOT NULL
),
by_choice AS (
    SELECT
        g.for_product_id AS product_id,
        g.weight AS score,
        'items' AS source
    FROM duckmark.item_weights AS g
    WHERE g.product_id = CAST(for_product AS VARCHAR)
        AND g.weight > 0
        AND NOT EXISTS (FROM by_profile)
),
ranked AS (
    SELECT
        row_number() OVER (ORDER BY c.score DESC, c.product_id) AS rank,
        c.*
    FROM (FROM by_profile UNION ALL FROM by_choice) AS c
    QUALIFY rank <= k
)
SELECT
    r.rank,
    r.product_id,
    p.title,
    p.category,
    p.price,
    r.score,
    r.source
FROM ranked AS r
JOIN duckmark.products AS p
    ON p.product_id = r.product_id
ORDER BY r.rank;
