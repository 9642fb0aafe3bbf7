-- One row is a named vector that top_k can search: a product's or a user's profile, or a word.
CREATE VIEW duckmark.vector_spaces AS
SELECT
    'products' AS space,
    product_id AS id,
    vector
FROM duckmark.product_vectors
WHERE vector IS NOT NULL
UNION ALL
SELECT
    'users',
    user_id,
    vector
FROM duckmark.user_vectors
WHERE vector IS NOT NULL
UNION ALL
SELECT
    'words',
    term,
    vector
FROM duckmark.terms
WHERE vector IS NOT NULL;
