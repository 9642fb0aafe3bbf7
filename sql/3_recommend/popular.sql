-- One row is a product with its popularity, as in `duckmark.product_popularity`, the most popular first: they are what
-- is shown to those of whose taste nothing is known. Their places are numbered, so that the first few are read alone.
CREATE TABLE duckmark.popular AS
SELECT
    row_number() OVER (ORDER BY popularity DESC, product_id) AS place,
    product_id,
    popularity
FROM duckmark.product_popularity
ORDER BY place;
