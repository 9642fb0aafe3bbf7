-- One row is a product recommended to a user: the best of the shop for them that they do not have yet.
-- `recommend` gives the same for one user, falls back for those without a row here, and says why.
CREATE VIEW recommendations AS
SELECT
    r.user_id,
    r.rank,
    r.product_id,
    p.title,
    p.category,
    p.price,
    r.score,
    r.source,
    r.content,
    r.collaborative,
    r.items,
    r.popularity
FROM duckmark.recommendation_lists AS r
JOIN duckmark.products AS p
    ON p.product_id = r.product_id;
