-- One row is a product as lists show it, in the order of a number made of its id. The few of a list are read by this
-- key alone; without it, DuckDB would take a hundred times as many for them, by a Bloom filter, and read the profile and
-- factors of each. Where more than 50 are sought, it looks through the numbers, in a fraction of the time that texts take.
-- Its profile and factors are arrays, of which DuckDB then reads the few that are sought, of lists 2,048 rows around each;
-- who scans all products is served better by the lists of `duckmark.scored_products`.
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
