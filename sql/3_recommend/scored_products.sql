-- One row is a product with all that a score needs to know of it, and its name: so that a million of them are scored in
-- one pass that joins nothing as long as the catalogue.
-- uncompressed
CREATE TABLE duckmark.scored_products AS
SELECT
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
    pf.satisfaction
FROM duckmark.products AS p
JOIN duckmark.product_features AS pf
    ON pf.product_id = p.product_id
LEFT JOIN duckmark.product_vectors AS pv
    ON pv.product_id = p.product_id
LEFT JOIN duckmark.product_factors AS ft
    ON ft.product_id = p.product_id
ORDER BY p.product_id;
