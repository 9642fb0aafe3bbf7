-- The k products that fit a search best: half the cosine of the query's vector with the product's, half the
-- share of the query's words (by idf) that stand in the product's own text. What else is shown of them is read at their
-- places: a few ids would be sought in the whole catalogue.
-- In a very large catalogue, the products with the largest shares are compared first. Where k of these score more than
-- any other can, whose cosine is 1 at most, no other is compared.
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
matched AS MATERIALIZED (
    SELECT
        st.product_id,
        sum(w.idf) / (SELECT sum(al.idf) FROM weighed AS al) AS share
    FROM duckmark.search_terms AS st
    JOIN weighed AS w
        ON w.term = st.term
    GROUP BY st.product_id
    HAVING sum(w.idf) > 0
),
meant AS MATERIALIZED (
    SELECT embed(CAST(query AS VARCHAR), (SELECT ak.terms FROM asked AS ak)) AS vector
),
foremost AS MATERIALIZED (
    SELECT
        m.product_id,
        m.share
    FROM matched AS m
    ORDER BY m.share DESC, m.product_id
    LIMIT 1024
),
-- What others reach at most, with some room for rounding; no row where their shares are so near to the best that they
-- would have to be compared as well.
reach AS MATERIALIZED (
    SELECT sh.others / 2 + 0.5001 AS others
    FROM (
        SELECT
            CASE WHEN count(*) < 1024 THEN 0 ELSE min(f.share) END AS others,
            max(f.share) AS best
        FROM foremost AS f
    ) AS sh
    WHERE sh.best > sh.others + 0.25
),
-- Distinct, so that DuckDB joins them with the catalogue last: it reads none of this where there are none of them.
tried AS (
    SELECT DISTINCT
        fm.product_id,
        fm.share
    FROM foremost AS fm
    CROSS JOIN reach
),
-- Found by id alone first: their vectors are read at their places.
placed AS MATERIALIZED (
    SELECT
        sp.rowid AS place,
        tr.share
    FROM duckmark.scored_products AS sp
    JOIN tried AS tr
        ON tr.product_id = sp.product_id
),
compared AS MATERIALIZED (
    SELECT
        v.rowid AS place,
        v.product_id,
        coalesce(list_dot_product(v.vector, q.vector), 0) / 2 + pl.share / 2 AS score
    FROM duckmark.scored_products AS v
    JOIN placed AS pl
        ON pl.place = v.rowid
    CROSS JOIN meant AS q
),
-- A row where they are enough.
enough AS MATERIALIZED (
    SELECT le.least
    FROM (
        SELECT
            count(*) AS products,
            min(c.score) AS least
        FROM (SELECT co.score FROM compared AS co ORDER BY co.score DESC LIMIT greatest(0, k)) AS c
    ) AS le
    CROSS JOIN reach AS r
    WHERE le.products = greatest(0, k) AND le.least > r.others
),
unanswered AS (
    SELECT me.vector
    FROM meant AS me
    WHERE NOT EXISTS (FROM enough)
),
-- Vectors end here: DuckDB 1.x takes those matched for more than the catalogue, and keeps the other side of their join.
alike AS (
    SELECT
        v.rowid AS place,
        v.product_id,
        coalesce(list_dot_product(v.vector, q.vector), 0) / 2 AS likeness
    FROM duckmark.scored_products AS v
    CROSS JOIN (
        SELECT * FROM query_table(CASE WHEN duckmark.every_product_leads() THEN 'meant' ELSE 'unanswered' END)
    ) AS q
),
scored AS (
    SELECT
        a.place,
        a.product_id,
        a.likeness + coalesce(m.share, 0) / 2 AS score
    FROM alike AS a
    LEFT JOIN matched AS m
        ON m.product_id = a.product_id
),
scored_or_enough AS (
    SELECT * FROM scored
    UNION ALL
    SELECT
        co.place,
        co.product_id,
        co.score
    FROM compared AS co
    CROSS JOIN enough
),
-- Those that fit not at all are left out last: before, each score would be worked out twice. Only what is named is
-- planned.
best AS (
    SELECT *
    FROM query_table(CASE WHEN duckmark.every_product_leads() THEN 'scored' ELSE 'scored_or_enough' END)
    ORDER BY score DESC, product_id
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
