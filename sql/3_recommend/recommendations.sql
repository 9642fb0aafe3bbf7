-- One row is a product recommended to a user: the best of the shop for them that they do not have yet.
-- The parts say how much there is of each kind of evidence; `explain` says what the score makes of it.
-- `recommend` gives the same for one user, and falls back for those without a row here.
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
    r.factors,
    r.popularity,
    duckmark.reason(r.source, coalesce(b.title, r.because), r.takers, r.words) AS reason
FROM duckmark.recommendation_lists AS r
JOIN duckmark.products AS p
    ON p.product_id = r.product_id
LEFT JOIN duckmark.products AS b
    ON b.product_id = r.because;
