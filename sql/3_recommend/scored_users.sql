-- One row is a user with events and all that a score needs to know of them: so that a million of them are scored in one
-- pass that joins nothing as long as the list of users.
-- uncompressed
CREATE TABLE duckmark.scored_users AS
SELECT
    uf.user_id,
    us.segment,
    uv.vector,
    ft.factors,
    uf.history,
    uf.away,
    uf.price
FROM duckmark.user_features AS uf
LEFT JOIN duckmark.user_segments AS us
    ON us.user_id = uf.user_id
LEFT JOIN duckmark.user_vectors AS uv
    ON uv.user_id = uf.user_id
LEFT JOIN duckmark.user_factors AS ft
    ON ft.user_id = uf.user_id
ORDER BY uf.user_id;
