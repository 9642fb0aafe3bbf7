-- One row is a user with events and all that a score needs to know of them: so that a million of them are scored in one
-- pass that joins nothing as long as the list of users. Those that score best whatever the product lead, and stand first:
-- in a very large shop, they are told of anything, others of what evidence leads to. There a quarter of `most_leaders`
-- lead, as tens of thousands of others are scored by their evidence.
-- What users score alone, many have in common; the network is slow in SQL.
-- primary key: user_id
-- uncompressed
CREATE TABLE duckmark.scored_users AS
WITH alone AS (
    SELECT
        d.history,
        d.away,
        duckmark.network_score(
            duckmark.features(
                NULL, d.history, d.away,
                NULL, 0, 0, 0, 0, 0,
                NULL, NULL, NULL, NULL, NULL
            ),
            r.base, r.weights, r.units
        ) AS score
    FROM (SELECT DISTINCT k.history, k.away FROM duckmark.user_features AS k) AS d
    CROSS JOIN duckmark.ranker AS r
)
SELECT
    duckmark.id_number(uf.user_id) AS user_number,
    uf.user_id,
    us.segment,
    duckmark.as_profile(uv.vector) AS vector,
    duckmark.as_factors(ft.factors) AS factors,
    uf.history,
    uf.away,
    uf.price,
    le.leads
FROM duckmark.user_features AS uf
JOIN (
    SELECT
        f.user_id,
        row_number() OVER (ORDER BY a.score DESC, f.user_id) <= n.leaders AS leads
    FROM duckmark.user_features AS f
    CROSS JOIN (
        SELECT duckmark.most_leaders() / CASE WHEN count(*) > duckmark.most_leaders() THEN 4 ELSE 1 END AS leaders
        FROM duckmark.user_features
    ) AS n
    JOIN alone AS a
        ON a.history = f.history AND a.away = f.away
) AS le
    ON le.user_id = uf.user_id
LEFT JOIN duckmark.user_segments AS us
    ON us.user_id = uf.user_id
LEFT JOIN duckmark.user_vectors AS uv
    ON uv.user_id = uf.user_id
LEFT JOIN duckmark.user_factors AS ft
    ON ft.user_id = uf.user_id
ORDER BY le.leads DESC, uf.user_id;
