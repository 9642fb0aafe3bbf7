-- One row is what one user has shown of a product, as in `duckmark.interactions`, and what the product weighs in their
-- history, in the order of products: those who have one stand together.
-- key: user_id
CREATE TABLE duckmark.takers AS
SELECT
    i.product_id,
    i.user_id,
    i.rating,
    i.preference,
    h.weight
FROM duckmark.interactions AS i
JOIN duckmark.histories AS h
    ON h.user_id = i.user_id AND h.product_id = i.product_id
ORDER BY i.product_id, i.user_id;
