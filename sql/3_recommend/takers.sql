-- One row is what one user has shown of a product, as in `duckmark.interactions`, and what the product weighs in their
-- history, in the order of products: those who have one stand together.
-- key: user_id
-- dictionary
CREATE TABLE duckmark.takers AS
SELECT
    product_id,
    user_id,
    rating,
    preference,
    weight
FROM duckmark.histories
ORDER BY product_id, user_id;
