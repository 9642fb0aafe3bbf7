-- The k products to show a user next, best first, none that they already have, each with its source:
-- 'hybrid' | 'content' | 'collaborative' | 'items' (their own taste), then 'segment' (popular with people like
-- them), then 'popular' (with everyone); an unknown user gets what is popular.
CREATE MACRO recommend(for_user, k := 10) AS TABLE
WITH own AS (
    SELECT
        l.product_id,
        l.score,
        l.source,
        1 AS rung
    FROM duckmark.recommendation_lists AS l
    WHERE l.user_id = CAST(for_user AS VARCHAR)
),
in_segment AS (
    SELECT
        s.product_id,
        w.popularity * s.popularity AS score,
        'segment' AS source,
        2 AS rung
    FROM duckmark.segment_popularity AS s
    CROSS JOIN duckmark.hybrid_weights AS w
    WHERE s.segment = (SELECT us.segment FROM duckmark.user_segments AS us WHERE us.user_id = CAST(for_user AS VARCHAR))
),
overall AS (
    SELECT
        n.product_id,
        w.popularity * n.popularity AS score,
        'popular' AS source,
        3 AS rung
    FROM duckmark.product_popularity AS n
    CROSS JOIN duckmark.hybrid_weights AS w
),
candidates AS (
    SELECT *
    FROM (FROM own UNION ALL FROM in_segment UNION ALL FROM overall) AS c
    ANTI JOIN (
        SELECT i.product_id
        FROM duckmark.interactions AS i
        WHERE i.user_id = CAST(for_user AS VARCHAR)
    ) AS seen
        ON seen.product_id = c.product_id
    QUALIFY row_number() OVER (PARTITION BY c.product_id ORDER BY c.rung) = 1
),
chosen AS (
    SELECT
        row_number() OVER (ORDER BY c.rung, c.score DESC, c.product_id) AS rank,
        c.product_id,
        c.score,
        c.source,
        c.rung
    FROM candidates AS c
    QUALIFY rank <= k
),
-- What `explain` would add up to, for those of known taste who are shown more than their list holds.
taste AS (
    SELECT 1 AS known
    WHERE EXISTS (SELECT 1 FROM own)
),
rescored AS (
    SELECT
        ch.product_id,
        (SELECT sum(e.contribution) FROM explain(for_user, ch.product_id) AS e) AS score
    FROM chosen AS ch
    CROSS JOIN taste
    WHERE ch.rung > 1
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
    coalesce(x.score, c.score) AS score,
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
LEFT JOIN rescored AS x
    ON x.product_id = c.product_id
LEFT JOIN past_items AS i
    ON i.product_id = c.product_id AND i.place = 1
LEFT JOIN words AS w
    ON w.product_id = c.product_id
LEFT JOIN takers AS t
    ON t.product_id = c.product_id
ORDER BY c.rank;
