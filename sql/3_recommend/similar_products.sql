-- The k products most like a product, best first, by the cosine of their profiles.
CREATE MACRO similar_products(for_product, k := 10) AS TABLE
SELECT
    row_number() OVER (ORDER BY list_cosine_similarity(v.vector, q.vector) DESC, v.product_id) AS rank,
    v.product_id,
    p.title,
    p.category,
    p.price,
    CAST(list_cosine_similarity(v.vector, q.vector) AS DOUBLE) AS score
FROM duckmark.product_vectors AS v
JOIN duckmark.product_vectors AS q
    ON q.product_id = CAST(for_product AS VARCHAR) AND v.product_id <> q.product_id
JOIN duckmark.products AS p
    ON p.product_id = v.product_id
WHERE v.vector IS NOT NULL AND q.vector IS NOT NULL
QUALIFY row_number() OVER (ORDER BY list_cosine_similarity(v.vector, q.vector) DESC, v.product_id) <= k
ORDER BY rank;
