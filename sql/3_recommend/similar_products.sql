-- The k products most like a product in their words, best first: by the cosine of their profiles ('content'). One
-- that has no profile, for want of words, is compared by who chose both ('items'). What goes with a product,
-- `recommend_for([id])` says. What else is shown of them is read at their places. A cosine is off by the rounding of
-- float32, but never beyond 1.
CREATE MACRO similar_products(for_product, k := 10) AS TABLE
WITH asked AS MATERIALIZED (
    SELECT
        q.product_id,
        q.vector
    FROM duckmark.scored_products AS q
    WHERE q.product_id = CAST(for_product AS VARCHAR)
),
best AS (
    SELECT
        v.rowid AS place,
        v.product_id,
        CAST(list_dot_product(v.vector, a.vector) AS DOUBLE) AS score,
        'content' AS source
    FROM duckmark.scored_products AS v
    CROSS JOIN (SELECT * FROM asked AS known WHERE known.vector IS NOT NULL) AS a
    WHERE v.vector IS NOT NULL AND v.product_id <> a.product_id
    UNION ALL
    SELECT
        v.rowid,
        g.for_product_id,
        g.weight,
        'items'
    FROM duckmark.goes_with AS g
    JOIN asked AS a
        ON a.product_id = g.product_id
    JOIN duckmark.scored_products AS v
        ON v.product_id = g.for_product_id
    WHERE g.weight > 0 AND a.vector IS NULL
    ORDER BY score DESC, product_id
    LIMIT greatest(0, k)
)
SELECT
    row_number() OVER (ORDER BY b.score DESC, b.product_id) AS rank,
    b.product_id,
    p.title,
    p.category,
    p.shop_price AS price,
    CASE b.source WHEN 'content' THEN greatest(-1, least(1, b.score)) ELSE b.score END AS score,
    b.source
FROM best AS b
JOIN duckmark.scored_products AS p
    ON p.rowid = b.place
ORDER BY rank;
