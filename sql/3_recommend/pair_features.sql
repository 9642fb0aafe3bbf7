-- One row is a product with its `duckmark.features` for a user and whether they have it; no rows for a user without
-- events.
CREATE MACRO duckmark.pair_features(for_user) AS TABLE
WITH person AS MATERIALIZED (
    SELECT * REPLACE (duckmark.as_list(su.vector) AS vector, duckmark.as_list(su.factors) AS factors)
    FROM duckmark.scored_users AS su
    WHERE su.user_id = CAST(for_user AS VARCHAR)
),
evidence AS (
    SELECT
        e.product_id,
        sum(e.collaborative) AS collaborative,
        sum(e.items) AS items,
        bool_or(e.owned) AS owned
    FROM (
        SELECT
            nc.product_id,
            n.share * nc.preference AS collaborative,
            0.0::DOUBLE AS items,
            false AS owned
        FROM person AS ps
        JOIN duckmark.user_neighbours AS n
            ON n.user_id = ps.user_id
        JOIN duckmark.neighbour_choices AS nc
            ON nc.user_id = n.neighbour_id
        UNION ALL
        SELECT
            w.for_product_id,
            0,
            h.weight * w.weight,
            false
        FROM person AS ps
        JOIN duckmark.histories AS h
            ON h.user_id = ps.user_id
        JOIN duckmark.goes_with AS w
            ON w.product_id = h.product_id
        UNION ALL
        SELECT
            h.product_id,
            0,
            0,
            true
        FROM person AS ps
        JOIN duckmark.histories AS h
            ON h.user_id = ps.user_id
    ) AS e
    GROUP BY e.product_id
),
tastes AS (
    SELECT
        uc.category,
        uc.share
    FROM person AS ps
    JOIN duckmark.user_categories AS uc
        ON uc.user_id = ps.user_id
)
SELECT
    pr.product_id,
    pr.title,
    pr.category,
    pr.shop_price AS price,
    duckmark.features(
        pr.user_price, pr.history, pr.away,
        pr.price, pr.popularity, pr.recent, pr.idle, pr.age, pr.satisfaction,
        pr.content, pr.factors, e.collaborative, e.items, t.share
    ) AS x,
    coalesce(e.owned, false) AS owned
FROM (
    SELECT
        sp.* EXCLUDE (vector) REPLACE (list_dot_product(ps.factors, sp.factors) AS factors),
        list_dot_product(ps.vector, sp.vector) AS content,
        ps.price AS user_price,
        ps.history,
        ps.away
    FROM duckmark.scored_products AS sp
    CROSS JOIN person AS ps
) AS pr
LEFT JOIN evidence AS e
    ON e.product_id = pr.product_id
LEFT JOIN tastes AS t
    ON t.category = pr.category;
