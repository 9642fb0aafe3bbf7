-- The n best products for a user, best first, by their rung and score, with what `duckmark.reason` is made of. What
-- `recommend` shows comes from here:
--   1  their stored list, which holds its reasons
--   2  the rest of `scores`, for who asks for more than their list holds
--   3  popular in their segment, for those of whom no event is known
--   4  popular with everyone, for the same.
CREATE MACRO duckmark.candidates(for_user, n) AS TABLE
WITH own AS MATERIALIZED (
    SELECT
        l.product_id,
        l.score,
        l.source,
        l.because,
        l.takers,
        l.words
    FROM duckmark.recommendation_lists AS l
    WHERE l.user_id = CAST(for_user AS VARCHAR)
),
others AS (
    SELECT *
    FROM duckmark.beyond_list(for_user, n)
),
-- Only the relation that is named is planned, which is why its name is chosen.
none AS (
    SELECT *
    FROM own
    WHERE false
),
beyond AS (
    SELECT *
    FROM query_table(CASE WHEN n > duckmark.list_length() THEN 'others' ELSE 'none' END)
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
    WHERE pp.place <= 2 * n
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
        NULL,
        NULL,
        NULL,
        3
    FROM in_segment AS s
    UNION ALL
    SELECT
        a.*,
        'popular',
        NULL,
        NULL,
        NULL,
        4
    FROM overall AS a
    ANTI JOIN in_segment AS s
        ON s.product_id = a.product_id
) AS c
QUALIFY place <= n;
