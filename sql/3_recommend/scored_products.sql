-- One row is a product with all that a score needs to know of it, and its name: so that a million of them are scored in
-- one pass that joins nothing as long as the catalogue. Those that score best whoever asks lead, and stand first: in a
-- very large catalogue, a basket is compared with them and with what its own products lead to.
-- primary key: product_id
-- uncompressed
CREATE TABLE duckmark.scored_products AS
SELECT
    duckmark.id_number(p.product_id) AS product_number,
    p.product_id,
    p.title,
    p.category,
    p.price AS shop_price,
    pv.vector,
    ft.factors,
    pf.popularity,
    pf.recent,
    pf.idle,
    pf.age,
    pf.price,
    pf.satisfaction,
    le.leads
FROM duckmark.products AS p
JOIN duckmark.product_features AS pf
    ON pf.product_id = p.product_id
LEFT JOIN duckmark.product_vectors AS pv
    ON pv.product_id = p.product_id
LEFT JOIN duckmark.product_factors AS ft
    ON ft.product_id = p.product_id
JOIN (
    SELECT
        f.product_id,
        row_number() OVER (
            ORDER BY
                duckmark.network_score(
                    duckmark.features(
                        NULL, 0, 0,
                        f.price, f.popularity, f.recent, f.idle, f.age, f.satisfaction,
                        NULL, NULL, NULL, NULL, NULL
                    ),
                    r.base, r.weights, r.units
                ) DESC,
                f.product_id
        ) <= duckmark.most_leaders() AS leads
    FROM duckmark.product_features AS f
    CROSS JOIN duckmark.ranker AS r
) AS le
    ON le.product_id = p.product_id
ORDER BY le.leads DESC, p.product_id;
