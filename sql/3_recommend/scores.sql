-- One row is a user and a product with the score of one for the other: the hybrid and its parts.
-- score = content weight x cosine of the two profiles
--       + collaborative weight x sum over neighbours of share x preference
--       + popularity weight x popularity, with the weights of `duckmark.hybrid_weights`.
-- Ask for one user or one product: it is defined on all pairs, and never stored.
CREATE VIEW duckmark.scores AS
SELECT
    u.user_id,
    p.product_id,
    w.content * coalesce(list_cosine_similarity(uv.vector, pv.vector), 0) AS content,
    w.collaborative * coalesce(c.preference, 0) AS collaborative,
    w.popularity * coalesce(n.popularity, 0) AS popularity,
    w.content * coalesce(list_cosine_similarity(uv.vector, pv.vector), 0)
        + w.collaborative * coalesce(c.preference, 0)
        + w.popularity * coalesce(n.popularity, 0) AS score,
    c.neighbours
FROM duckmark.users AS u
CROSS JOIN duckmark.products AS p
CROSS JOIN duckmark.hybrid_weights AS w
LEFT JOIN duckmark.user_vectors AS uv
    ON uv.user_id = u.user_id
LEFT JOIN duckmark.product_vectors AS pv
    ON pv.product_id = p.product_id
LEFT JOIN duckmark.product_popularity AS n
    ON n.product_id = p.product_id
LEFT JOIN duckmark.neighbour_preferences AS c
    ON c.user_id = u.user_id AND c.product_id = p.product_id;
