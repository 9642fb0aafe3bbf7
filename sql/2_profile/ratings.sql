-- One row is what one user thinks of one product in stars, from one to five: the mean where they rated it more than
-- once. Only ratings that were given; what behaviour implies is in `interactions`.
-- key: user_id, product_id
CREATE TABLE duckmark.ratings AS
SELECT
    user_id,
    product_id,
    avg(CAST(rating AS DECIMAL(18, 6))) AS rating
FROM duckmark.events
WHERE user_id IS NOT NULL AND rating IS NOT NULL
GROUP BY user_id, product_id
ORDER BY user_id, product_id;
