-- The k products that fit a search best: half the cosine of the query's vector with the product's, half the
-- share of the query's words (by idf) that stand in the product's own text. What else is shown of them is read at their
-- places: a few ids would be sought in the whole catalogue.
CREATE MACRO search_products(query, k := 10) AS TABLE
WITH asked AS MATERIALIZED (
    SELECT tokenize(CAST(query AS VARCHAR)) AS terms
),
weighed AS MATERIALIZED (
    SELECT
        a.term,
        coalesce(t.idf, (SELECT max(m.idf) FROM duckmark.terms AS m), 1) AS idf
    FROM (SELECT DISTINCT unnest(q.terms) AS term FROM asked AS q) AS a
    LEFT JOIN duckmark.terms AS t
        ON t.term = a.term
),
matched AS (
    SELECT
        st.product_id,
        sum(w.idf) / (SELECT sum(al.idf) FROM weighed AS al) AS share
    FROM duckmark.search_terms AS st
    JOIN weighed AS w
        ON w.term = st.term
    GROUP BY st.product_id
    HAVING sum(w.idf) > 0
),
-- Vectors end here: DuckDB 1.x takes those matched for more than the catalogue, and keeps the other side of their join.
alike AS (
    SELECT
        v.rowid AS place,
        v.product_id,
        coalesce(list_dot_product(v.vector, q.vector), 0) / 2 AS likeness
    FROM duckmark.scored_products AS v
    CROSS JOIN (SELECT embed(CAST(query AS VARCHAR), (SELECT ak.terms FROM asked AS ak)) AS vector) AS q
),
-- Those that fit not at all are left out last: before, each score would be worked out twice.
best AS (
    SELECT
        a.place,
        a.product_id,
        a.likeness + coalesce(m.share, 0) / 2 AS score
    FROM alike AS a
    LEFT JOIN matched AS m
        ON m.product_id = a.product_id
    ORDER BY score DESC, a.product_id
    LIMIT greatest(0, k)
)
SELECT
    row_number() OVER (ORDER BY b.score DESC, b.product_id) AS rank,
    b.product_id,
    p.title,
    p.category,
    p.shop_price AS price,
    b.score
FROM best AS b
JOIN duckmark.scored_products AS p
    ON p.rowid = b.place
WHERE b.score > 0
ORDER BY rank;
