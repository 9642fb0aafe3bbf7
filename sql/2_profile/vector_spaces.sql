-- One row is a named vector that top_k can search: a product's or a user's profile, or a word.
-- Users come last: up to DuckDB 1.4 a streamed UNION ALL hangs on an empty part in its middle, and a shop may have
-- no users.
CREATE VIEW duckmark.vector_spaces AS
SELECT
    'products' AS space,
    product_id AS id,
    vector
FROM duckmark.product_vectors
WHERE vector IS NOT NULL
UNION ALL
SELECT
    'words',
    term,
    vector
FROM duckmark.terms
WHERE vector IS NOT NULL
UNION ALL
SELECT
    'users',
    user_id,
    vector
FROM duckmark.user_vectors
WHERE vector IS NOT NULL;
