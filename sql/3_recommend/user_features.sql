-- One row is what the ranker knows of a user whatever product is meant: how many products they have and the days since
-- their last event (history, away; as ln(1 + n)), and the mean of the price feature over what they chose (NULL where
-- no price is known).
CREATE TABLE duckmark.user_features AS
SELECT
    i.user_id,
    ln(1 + count(*)) AS history,
    coalesce(
        ln(1 + date_diff('day', max(i.last_at), (SELECT max(p.last_at) FROM duckmark.product_popularity AS p))), 0
    ) AS away,
    CAST(avg(CAST(CASE WHEN i.preference > 0 THEN f.price END AS DECIMAL(18, 9))) AS DOUBLE) AS price
FROM duckmark.interactions AS i
LEFT JOIN duckmark.product_features AS f
    ON f.product_id = i.product_id
GROUP BY i.user_id
ORDER BY i.user_id;
