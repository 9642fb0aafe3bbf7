-- The k users most like a user, best first: by what both chose ('collaborative') where they have neighbours,
-- otherwise by the cosine of their profiles ('content').
CREATE MACRO similar_users(for_user, k := 10) AS TABLE
WITH by_choice AS MATERIALIZED (
    SELECT
        n.neighbour_id AS user_id,
        n.similarity AS score,
        'collaborative' AS source
    FROM duckmark.user_neighbours AS n
    WHERE n.user_id = CAST(for_user AS VARCHAR)
),
-- Nobody, where they have neighbours.
asked AS (
    SELECT
        q.user_id,
        q.vector
    FROM duckmark.scored_users AS q
    WHERE q.user_id = CAST(for_user AS VARCHAR)
        AND q.vector IS NOT NULL
        AND NOT EXISTS (FROM by_choice)
),
-- All are compared, themselves and those without a vector too: to take some rows of many copies their arrays.
alike AS (
    SELECT
        v.user_id,
        CAST(array_inner_product(v.vector, a.vector) AS DOUBLE) AS score
    FROM duckmark.scored_users AS v
    CROSS JOIN asked AS a
    ORDER BY score DESC NULLS LAST, v.user_id
    LIMIT greatest(0, k) + 1
),
best AS (
    SELECT * FROM by_choice
    UNION ALL
    SELECT
        al.user_id,
        al.score,
        'content'
    FROM alike AS al
    WHERE al.score IS NOT NULL AND al.user_id <> CAST(for_user AS VARCHAR)
    ORDER BY score DESC, user_id
    LIMIT greatest(0, k)
)
SELECT
    row_number() OVER (ORDER BY b.score DESC, b.user_id) AS rank,
    b.user_id,
    us.segment,
    b.score,
    b.source
FROM best AS b
JOIN duckmark.user_segments AS us
    ON us.user_id = b.user_id
ORDER BY rank;
