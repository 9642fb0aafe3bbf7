-- The k members of a vector space ('products', 'users', 'words') nearest to a vector by cosine, best first,
-- equal scores by id. Exact: every member is compared.
CREATE MACRO top_k(query_vector, space_name, k) AS (
    SELECT list({'id': nearest_id, 'score': nearest_score} ORDER BY nearest_score DESC, nearest_id)
    FROM (
        SELECT
            nearest_id,
            nearest_score,
            row_number() OVER (ORDER BY nearest_score DESC, nearest_id) AS nearest_rank
        FROM (
            SELECT
                vs.id AS nearest_id,
                list_cosine_similarity(CAST(vs.vector AS DOUBLE[]), CAST(query_vector AS DOUBLE[])) AS nearest_score
            FROM duckmark.vector_spaces AS vs
            WHERE vs.space = space_name AND query_vector IS NOT NULL
        )
    )
    WHERE nearest_rank <= k
);
