-- Every product that a user does not have with its score for them, a relation to filter, join and sort:
-- FROM scores('15311') WHERE price < 5 AND category = 'mugs' ORDER BY score DESC LIMIT 10.
-- The score is that of `recommend`, `audience` and `explain`; beside it, what each kind of evidence says.
CREATE MACRO scores(for_user) AS TABLE
SELECT
    p.product_id,
    p.title,
    p.category,
    p.price,
    duckmark.network_score(f.x, r.base, r.weights, r.units) AS score,
    f.x[1] AS content,
    f.x[2] AS collaborative,
    f.x[3] AS items,
    f.x[4] AS factors,
    f.x[7] AS popularity
FROM duckmark.pair_features(for_user) AS f
CROSS JOIN duckmark.ranker AS r
JOIN duckmark.products AS p
    ON p.product_id = f.product_id
ANTI JOIN (
    SELECT i.product_id
    FROM duckmark.interactions AS i
    WHERE i.user_id = CAST(for_user AS VARCHAR)
) AS seen
    ON seen.product_id = f.product_id;
