-- The k users most like a user, best first: by what both chose ('collaborative') where they have neighbours,
-- otherwise by the cosine of their profiles ('content').
CREATE MACRO similar_users(for_user, k := 10) AS TABLE
WITH by_choice AS (
    SELECT
        n.neighbour_id AS user_id,
        n.similarity AS score,
        'collaborative' AS source
    FROM duckmark.user_neighbours AS n
    WHERE n.user_id = CAST(for_user AS VARCHAR)
),
by_profile AS (
    SELECT
        v.user_id,
        CAST(list_cosine_similarity(v.vector, q.vector) AS DOUBLE) AS score,
        'content' AS source
    FROM duckmark.user_vectors AS v
    JOIN duckmark.user_vectors AS q
        ON q.user_id = CAST(for_user AS VARCHAR) AND v.user_id <> q.user_id
    WHERE v.vector IS NOT NULL
        AND q.vector IS NOT NULL
        AND NOT EXISTS (FROM by_choice)
)
SELECT
    row_number() OVER (ORDER BY c.score DESC, c.user_id) AS rank,
    c.user_id,
    us.segment,
    c.score,
    c.source
FROM (FROM by_choice UNION ALL FROM by_profile) AS c
JOIN duckmark.user_segments AS us
    ON us.user_id = c.user_id
QUALIFY rank <= k
ORDER BY rank;
