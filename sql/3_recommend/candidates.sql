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
-- No user has scores where the lists are long enough.
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
    FROM scores(CASE WHEN n > (SELECT ls.longest FROM duckmark.list_length AS ls) THEN for_user END) AS sc
    ANTI JOIN own AS o
        ON o.product_id = sc.product_id
    ORDER BY sc.score DESC, sc.product_id
    LIMIT greatest(0, n)
),
-- Lists hold at least 10. Only the relation that is named is planned, which is why its name is chosen.
none AS (
    SELECT *
    FROM own
    WHERE false
),
beyond AS (
    SELECT *
    FROM query_table(CASE WHEN n > 10 THEN 'others' ELSE 'none' END)
),
-- One row, for who has no products.
stranger AS MATERIALIZED (
    SELECT count(*) AS products
    FROM duckmark.histories AS h
    WHERE h.user_id = CAST(for_user AS VARCHAR)
    HAVING count(*) = 0
),
in_segment AS MATERIALIZED (
    SELECT
        s.product_id,
        s.popularity AS score
    FROM duckmark.segment_popularity AS s
    JOIN duckmark.user_segments AS us
        ON us.segment = s.segment
    CROSS JOIN stranger AS st
    WHERE us.user_id = CAST(for_user AS VARCHAR)
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
    FROM beyond AS r
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
