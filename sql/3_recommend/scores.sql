-- Every product that a user does not have with its score for them, a relation to filter, join and sort (none for a
-- stranger: `recommend` says what is popular):
-- FROM scores('15311') WHERE price < 5 AND category = 'mugs' ORDER BY score DESC LIMIT 10.
-- The score is that of `recommend`, `audience` and `explain`; beside it, what each kind of evidence says.
CREATE MACRO scores(for_user) AS TABLE
SELECT
    f.product_id,
    f.title,
    f.category,
    f.price,
    duckmark.network_score(f.x, r.base, r.weights, r.units) AS score,
    f.x[1] AS content,
    f.x[2] AS collaborative,
    f.x[3] AS items,
    f.x[4] AS factors,
    f.x[7] AS popularity
FROM duckmark.pair_features(for_user) AS f
CROSS JOIN duckmark.ranker AS r
WHERE NOT f.owned;
