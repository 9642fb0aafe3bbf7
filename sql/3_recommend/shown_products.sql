-- One row is a product as lists show it, in the order of a number made of its id: to find the few products of a list
-- among a million takes a fraction of the time by numbers, of which a stretch of rows is known to hold none that is
-- sought, that it takes by texts.
-- Its profile and factors are arrays, of which DuckDB reads the few that are sought, of lists 2,048 rows around each; who
-- scans all products is served better by the lists of `duckmark.scored_products`.
-- key: product_id
-- primary key: product_number
-- uncompressed
CREATE TABLE duckmark.shown_products AS
SELECT
    duckmark.id_number(p.product_id) AS product_number,
    p.product_id,
    p.title,
    p.category,
    p.price,
    duckmark.as_profile(pv.vector) AS vector,
    duckmark.as_factors(ft.factors) AS factors
FROM duckmark.products AS p
LEFT JOIN duckmark.product_vectors AS pv
    ON pv.product_id = p.product_id
LEFT JOIN duckmark.product_factors AS ft
    ON ft.product_id = p.product_id
ORDER BY product_number;
