-- The k products that fit a search best (`duckmark.search_score`).
-- In a very large catalogue, the products that could score most by their words are compared first. Where k of these score
-- more than any other can, no other is compared.
CREATE MACRO search_products(query, k := 10) AS TABLE
WITH asked AS MATERIALIZED (
    SELECT tokenize(CAST(query AS VARCHAR)) AS terms
),
meant AS MATERIALIZED (
    SELECT embed(CAST(query AS VARCHAR), (SELECT ak.terms FROM asked AS ak)) AS vector
),
-- `part` is what of the query's vector, which is their sum, a term's own makes; unknown of a transformer's.
weighed AS MATERIALIZED (
    SELECT
        w.term,
        w.idf / nullif(sum(w.idf) OVER (), 0) AS share,
        w.part / nullif(sum(w.part * list_dot_product(w.vector, mn.vector)) OVER (), 0) AS part,
        sqrt(list_dot_product(w.vector, w.vector)) AS length
    FROM (
        SELECT
            a.term,
            coalesce(t.idf, duckmark.rarest_idf()) AS idf,
            CASE WHEN NOT duckmark.reads_whole_texts() THEN a.times * t.idf END AS part,
            t.vector
        FROM (
            SELECT
                q.term,
                count(*) AS times
            FROM (SELECT unnest(ad.terms) AS term FROM asked AS ad) AS q
            GROUP BY q.term
        ) AS a
        LEFT JOIN duckmark.terms AS t
            ON t.term = a.term
    ) AS w
    CROSS JOIN meant AS mn
),
matched AS MATERIALIZED (
    SELECT
        st.product_number,
        sum(we.share) AS share,
        sum(we.part * st.likeness) AS likeness,
        sum(we.part * we.length) AS length
    FROM duckmark.search_terms AS st
    JOIN weighed AS we
        ON we.term = st.term
    GROUP BY st.product_number
),
-- Those that could score most, and what they score at least: a product's cosine with the query is that with the terms it
-- has, more or less what those it lacks could add; with some room for rounding.
foremost AS MATERIALIZED (
    SELECT
        m.product_number,
        m.share,
        duckmark.search_score(least(1, m.likeness + al.length - m.length), m.share) + 0.0001 AS most,
        duckmark.search_score(greatest(-1, m.likeness - al.length + m.length), m.share) - 0.0001 AS least
    FROM (
        SELECT
            ma.product_number,
            ma.share,
            coalesce(ma.likeness, 0) AS likeness,
            coalesce(ma.length, 0) AS length
        FROM matched AS ma
    ) AS m
    CROSS JOIN (SELECT coalesce(sum(wg.part * wg.length), 1) AS length FROM weighed AS wg) AS al
    ORDER BY most DESC
    LIMIT duckmark.most_searched()
),
-- What others could score: those that have fewer of the words, or, by their meaning alone, any. No row where none of the
-- foremost can score more, so that all have to be compared.
reach AS MATERIALIZED (
    SELECT sh.others
    FROM (
        SELECT
            greatest(
                duckmark.search_score(1.0002, 0),
                CASE WHEN count(*) = duckmark.most_searched() THEN min(f.most) ELSE 0 END
            ) AS others,
            max(f.most) AS best
        FROM foremost AS f
    ) AS sh
    WHERE sh.best > sh.others
),
-- Less those that k others are known to beat; the fewer are sought, the less DuckDB 1.x reads beside them. Distinct, so
-- that DuckDB joins them with the catalogue last: it reads none of this where there are none of them.
tried AS (
    SELECT DISTINCT
        fm.product_number,
        fm.share
    FROM foremost AS fm
    CROSS JOIN reach
    CROSS JOIN (
        SELECT CASE WHEN kn.products = greatest(0, k) THEN coalesce(kn.least, 0) ELSE -1 END AS least
        FROM (
            SELECT
                count(*) AS products,
                min(kf.least) AS least
            FROM (SELECT fl.least FROM foremost AS fl ORDER BY fl.least DESC LIMIT greatest(0, k)) AS kf
        ) AS kn
    ) AS beaten
    WHERE fm.most >= beaten.least
),
compared AS MATERIALIZED (
    SELECT
        v.product_number,
        v.product_id,
        duckmark.search_score(array_inner_product(v.vector, q.vector), tr.share) AS score
    FROM duckmark.shown_products AS v
    JOIN tried AS tr
        ON tr.product_number = v.product_number
    CROSS JOIN (SELECT duckmark.as_profile(mt.vector) AS vector FROM meant AS mt) AS q
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
        v.product_number,
        v.product_id,
        list_dot_product(v.vector, q.vector) AS likeness
    FROM duckmark.scored_products AS v
    CROSS JOIN (
        SELECT * FROM query_table(CASE WHEN duckmark.every_product_leads() THEN 'meant' ELSE 'unanswered' END)
    ) AS q
),
scored AS (
    SELECT
        a.product_number,
        a.product_id,
        duckmark.search_score(a.likeness, mc.share) AS score
    FROM alike AS a
    LEFT JOIN matched AS mc
        ON mc.product_number = a.product_number
),
scored_or_enough AS (
    SELECT * FROM scored
    UNION ALL
    SELECT
        co.product_number,
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
    p.price,
    b.score
FROM best AS b
JOIN duckmark.shown_products AS p
    ON p.product_number = b.product_number
WHERE b.score > 0
ORDER BY rank;
