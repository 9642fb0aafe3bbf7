-- The k products that fit a search best: half the cosine of the query's vector with the product's, half the
-- share of the query's words (by idf) that stand in the product's own text.
CREATE MACRO search_products(query, k := 10) AS TABLE
WITH asked AS (
    SELECT DISTINCT unnest(tokenize(CAST(query AS VARCHAR))) AS term
),
weighed AS (
    SELECT
        a.term,
        coalesce(t.idf, (SELECT max(m.idf) FROM duckmark.terms AS m), 1) AS idf
    FROM asked AS a
    LEFT JOIN duckmark.terms AS t
        ON t.term = a.term
),
matched AS (
    SELECT
        pt.product_id,
        sum(a.idf) / (SELECT sum(al.idf) FROM weighed AS al) AS share
    FROM duckmark.product_terms AS pt
    JOIN weighed AS a
        ON a.term = pt.term
    WHERE pt.own_count > 0
    GROUP BY pt.product_id
),
scored AS (
    SELECT
        p.product_id,
        p.title,
        p.category,
        p.price,
        coalesce(list_cosine_similarity(v.vector, q.vector), 0) / 2 + coalesce(m.share, 0) / 2 AS score
    FROM duckmark.products AS p
    CROSS JOIN (SELECT embed(CAST(query AS VARCHAR)) AS vector) AS q
    LEFT JOIN duckmark.product_vectors AS v
        ON v.product_id = p.product_id
    LEFT JOIN matched AS m
        ON m.product_id = p.product_id
    WHERE q.vector IS NOT NULL OR m.share > 0
)
SELECT
    row_number() OVER (ORDER BY s.score DESC, s.product_id) AS rank,
    s.*
FROM scored AS s
WHERE s.score > 0
QUALIFY rank <= k
ORDER BY rank;
