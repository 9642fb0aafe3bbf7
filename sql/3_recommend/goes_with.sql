-- One row is what having a product says of another, as in `duckmark.item_weights`, in the order of the one they have:
-- the rows of a history or basket stand together.
-- keep
-- dictionary
CREATE TABLE duckmark.goes_with AS
SELECT
    product_id,
    for_product_id,
    weight
FROM duckmark.item_weights
ORDER BY product_id, for_product_id;
