-- One row is a category from which a user chose, with its share in all they chose that has a category.
-- key: user_id
-- parts
CREATE TABLE duckmark.user_categories AS
SELECT
    i.user_id,
    p.category,
    count(*) / sum(count(*)) OVER (PARTITION BY i.user_id) AS share
FROM duckmark.interactions AS i
JOIN duckmark.products AS p
    ON p.product_id = i.product_id
WHERE i.preference > 0 AND p.category IS NOT NULL
GROUP BY i.user_id, p.category
ORDER BY i.user_id, p.category;
