-- One row is a product with its popularity, as in `duckmark.product_popularity`, the most popular first: they are what
-- is shown to those of whose taste nothing is known.
CREATE TABLE duckmark.popular AS
SELECT
    product_id,
    popularity
FROM duckmark.product_popularity
ORDER BY popularity DESC, product_id;
