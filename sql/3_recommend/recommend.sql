-- The k products to show a user next, best first, none that they already have, each with its source:
-- 'hybrid' | 'content' | 'collaborative' | 'items' | 'factors' (their own taste), then 'segment' (popular with people
-- like them), then 'popular' (with everyone); an unknown user gets what is popular. The first come from the stored
-- list; whoever asks for more gets the rest of `scores`.
-- Two wishes reorder the first candidates (twice k, at least 50), each from 0, the default, to 1:
--   damping    popularity counts against a product: 1 takes the whole range of scores from the most popular
--   diversity  each place goes to the best mixture of place so far and unlikeness, by profile, to what stands above
--              (maximal marginal relevance, Carbonell & Goldstein 1998): 0 is place alone, 1 unlikeness alone.
CREATE MACRO recommend(for_user, k := 10, diversity := 0, damping := 0) AS TABLE
WITH RECURSIVE own AS (
    SELECT
        l.product_id,
        l.score,
        l.source,
        1 AS rung
    FROM duckmark.recommendation_lists AS l
    WHERE l.user_id = CAST(for_user AS VARCHAR)
),
wanted AS (
    SELECT CASE WHEN diversity > 0 OR damping > 0 THEN greatest(2 * k, 50) ELSE k END AS candidates
),
-- Nobody, unless a person of known taste asks for more than their list holds.
asks_for_more AS (
    SELECT CAST(for_user AS VARCHAR) AS user_id
    FROM wanted AS w
    WHERE (SELECT count(*) FROM own) BETWEEN 1 AND w.candidates - 1
),
others AS (
    SELECT
        sc.product_id,
        sc.score,
        CASE
            WHEN (sc.content <> 0)::INT + (sc.collaborative <> 0)::INT + (sc.items <> 0)::INT + (sc.factors <> 0)::INT > 1
                THEN 'hybrid'
            WHEN sc.content <> 0 THEN 'content'
            WHEN sc.collaborative <> 0 THEN 'collaborative'
            WHEN sc.items <> 0 THEN 'items'
            WHEN sc.factors <> 0 THEN 'factors'
            ELSE 'popular'
        END AS source,
        2 AS rung
    FROM scores((SELECT m.user_id FROM asks_for_more AS m)) AS sc
),
in_segment AS (
    SELECT
        s.product_id,
        s.popularity AS score,
        'segment' AS source,
        3 AS rung
    FROM duckmark.segment_popularity AS s
    WHERE s.segment = (SELECT us.segment FROM duckmark.user_segments AS us WHERE us.user_id = CAST(for_user AS VARCHAR))
        AND NOT EXISTS (FROM own)
),
overall AS (
    SELECT
        n.product_id,
        n.popularity AS score,
        'popular' AS source,
        4 AS rung
    FROM duckmark.product_popularity AS n
    WHERE NOT EXISTS (FROM own)
),
candidates AS (
    SELECT *
    FROM (FROM own UNION ALL FROM others UNION ALL FROM in_segment UNION ALL FROM overall) AS c
    ANTI JOIN (
        SELECT i.product_id
        FROM duckmark.interactions AS i
        WHERE i.user_id = CAST(for_user AS VARCHAR)
    ) AS seen
        ON seen.product_id = c.product_id
    QUALIFY row_number() OVER (PARTITION BY c.product_id ORDER BY c.rung) = 1
),
pool AS (
    SELECT
        c.*,
        row_number() OVER (ORDER BY c.rung, c.score DESC, c.product_id) AS place
    FROM candidates AS c
    QUALIFY place <= (SELECT w.candidates FROM wanted AS w)
),
damped AS (
    SELECT
        po.*,
        row_number() OVER (
            ORDER BY po.rung, po.score - damping * coalesce(pp.popularity, 0) * po.extent DESC, po.product_id
        ) AS standing
    FROM (
        SELECT
            pl.*,
            max(pl.score) OVER (PARTITION BY pl.rung) - min(pl.score) OVER (PARTITION BY pl.rung) AS extent
        FROM pool AS pl
    ) AS po
    LEFT JOIN duckmark.product_popularity AS pp
        ON pp.product_id = po.product_id
),
likeness AS (
    SELECT
        d1.product_id AS above_id,
        d2.product_id,
        list_cosine_similarity(v1.vector, v2.vector) AS cosine
    FROM damped AS d1
    JOIN duckmark.product_vectors AS v1
        ON v1.product_id = d1.product_id AND v1.vector IS NOT NULL
    CROSS JOIN damped AS d2
    JOIN duckmark.product_vectors AS v2
        ON v2.product_id = d2.product_id AND v2.vector IS NOT NULL
    WHERE diversity > 0 AND d1.product_id <> d2.product_id
),
-- One step a place: those left, how near the nearest listed above them is, and the one taken.
walk AS (
    SELECT
        1 AS step,
        dp.product_id,
        1 - (dp.standing - 1) / (SELECT w.candidates FROM wanted AS w) AS relevance,
        0.0::DOUBLE AS nearest,
        first_value(dp.product_id) OVER (ORDER BY dp.standing) AS taken
    FROM damped AS dp
    WHERE diversity > 0
    UNION ALL
    SELECT
        lt.step + 1,
        lt.product_id,
        lt.relevance,
        lt.nearest,
        first_value(lt.product_id) OVER (
            ORDER BY (1 - diversity) * lt.relevance - diversity * lt.nearest DESC, lt.relevance DESC
        )
    FROM (
        SELECT
            wk.step,
            wk.product_id,
            wk.relevance,
            greatest(wk.nearest, coalesce(lk.cosine, 0)) AS nearest
        FROM walk AS wk
        LEFT JOIN likeness AS lk
            ON lk.above_id = wk.taken AND lk.product_id = wk.product_id
        WHERE wk.product_id <> wk.taken AND wk.step < k
    ) AS lt
),
listed AS (
    SELECT DISTINCT
        wa.taken AS product_id,
        wa.step
    FROM walk AS wa
),
chosen AS (
    SELECT
        coalesce(ls.step, dm.standing) AS rank,
        dm.product_id,
        dm.score,
        dm.source
    FROM damped AS dm
    LEFT JOIN listed AS ls
        ON ls.product_id = dm.product_id
    WHERE coalesce(ls.step, CASE WHEN diversity > 0 THEN NULL ELSE dm.standing END) <= k
),
shared_terms AS (
    SELECT
        pt.product_id,
        pt.term,
        row_number() OVER (PARTITION BY pt.product_id ORDER BY ut.weight * pt.weight * t.idf DESC, pt.term) AS place
    FROM duckmark.product_terms AS pt
    JOIN duckmark.user_terms AS ut
        ON ut.term = pt.term AND ut.user_id = CAST(for_user AS VARCHAR) AND ut.weight > 0
    JOIN duckmark.terms AS t
        ON t.term = pt.term
    WHERE pt.product_id IN (SELECT ch.product_id FROM chosen AS ch) AND pt.own_count > 0
),
words AS (
    SELECT
        st.product_id,
        string_agg(st.term, ', ' ORDER BY st.place) AS terms
    FROM shared_terms AS st
    WHERE st.place <= 3
    GROUP BY st.product_id
),
past_items AS (
    SELECT
        g.for_product_id AS product_id,
        coalesce(p.title, p.product_id) AS title,
        row_number() OVER (PARTITION BY g.for_product_id ORDER BY h.weight * g.weight DESC, h.product_id) AS place
    FROM duckmark.histories AS h
    JOIN duckmark.item_weights AS g
        ON g.product_id = h.product_id
    JOIN duckmark.products AS p
        ON p.product_id = h.product_id
    WHERE h.user_id = CAST(for_user AS VARCHAR)
        AND h.weight * g.weight > 0
        AND g.for_product_id IN (SELECT ch.product_id FROM chosen AS ch)
),
takers AS (
    SELECT
        i.product_id,
        count(*) AS neighbours
    FROM duckmark.user_neighbours AS n
    JOIN duckmark.interactions AS i
        ON i.user_id = n.neighbour_id
    WHERE n.user_id = CAST(for_user AS VARCHAR)
        AND i.preference > 0
        AND i.product_id IN (SELECT ch.product_id FROM chosen AS ch)
    GROUP BY i.product_id
)
SELECT
    c.rank,
    c.product_id,
    p.title,
    p.category,
    p.price,
    c.score,
    c.source,
    CASE c.source
        WHEN 'segment' THEN 'popular in their segment'
        WHEN 'popular' THEN 'popular with everyone'
        ELSE concat_ws(
            '; ',
            'goes with ' || i.title,
            CASE
                WHEN t.neighbours = 1 THEN 'one person of similar taste chose it'
                WHEN t.neighbours > 1 THEN t.neighbours || ' people of similar taste chose it'
            END,
            'in their words: ' || w.terms
        )
    END AS reason
FROM chosen AS c
JOIN duckmark.products AS p
    ON p.product_id = c.product_id
LEFT JOIN past_items AS i
    ON i.product_id = c.product_id AND i.place = 1
LEFT JOIN words AS w
    ON w.product_id = c.product_id
LEFT JOIN takers AS t
    ON t.product_id = c.product_id
ORDER BY c.rank;
