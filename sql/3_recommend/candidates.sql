-- The n best products for a user, best first, by their rung and score. What `recommend` shows comes from here:
--   1  their stored list
--   2  the rest of `scores`, for who asks for more than their list holds
--   3  popular in their segment, for those of whom no event is known
--   4  popular with everyone, for the same.
CREATE MACRO duckmark.candidates(for_user, n) AS TABLE
WITH own AS MATERIALIZED (
    SELECT
        l.product_id,
        l.score,
        l.source
    FROM duckmark.recommendation_lists AS l
    WHERE l.user_id = CAST(for_user AS VARCHAR)
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
        END AS source
    FROM scores(for_user) AS sc
    CROSS JOIN (SELECT 1 FROM duckmark.list_length AS ll WHERE ll.longest < n AND EXISTS (FROM own)) AS needed
    ANTI JOIN own AS o
        ON o.product_id = sc.product_id
    ORDER BY sc.score DESC, sc.product_id
    LIMIT greatest(0, n)
),
-- One row, for who has no list and no products.
stranger AS MATERIALIZED (
    SELECT CAST(for_user AS VARCHAR) AS user_id
    WHERE NOT EXISTS (FROM own)
        AND NOT EXISTS (SELECT 1 FROM duckmark.histories AS h WHERE h.user_id = CAST(for_user AS VARCHAR))
),
in_segment AS MATERIALIZED (
    SELECT
        s.product_id,
        s.popularity AS score
    FROM stranger AS st
    JOIN duckmark.user_segments AS us
        ON us.user_id = st.user_id
    JOIN duckmark.segment_popularity AS s
        ON s.segment = us.segment
    ORDER BY s.popularity DESC, s.product_id
    LIMIT greatest(0, n)
),
-- Twice as many, as those of the segment may be among them.
overall AS (
    SELECT
        pp.product_id,
        pp.popularity AS score
    FROM duckmark.popular AS pp
    CROSS JOIN stranger AS st
    ORDER BY pp.popularity DESC, pp.product_id
    LIMIT greatest(0, 2 * n)
)
SELECT
    row_number() OVER (ORDER BY c.rung, c.score DESC, c.product_id) AS place,
    c.*
FROM (
    SELECT
        o.*,
        1 AS rung
    FROM own AS o
    UNION ALL
    SELECT
        r.*,
        2
    FROM others AS r
    UNION ALL
    SELECT
        s.*,
        'segment',
        3
    FROM in_segment AS s
    UNION ALL
    SELECT
        a.*,
        'popular',
        4
    FROM overall AS a
    ANTI JOIN in_segment AS s
        ON s.product_id = a.product_id
) AS c
QUALIFY place <= n;
