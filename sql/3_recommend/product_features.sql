-- One row is what the ranker knows of a product whoever is asked: how popular it is and how popular lately (each choice
-- counts half as much every 30 days, on a scale where the best has 1), the days since its last and first event
-- (idle, age; as ln(1 + days)), the logarithm of its price against the shop's median, and its satisfaction against the
-- shop's mean. What is unknown is 0, an unknown price NULL.
-- primary key: product_id
CREATE TABLE duckmark.product_features AS
WITH shop AS (
    SELECT
        (SELECT max(n.last_at) FROM duckmark.product_popularity AS n) AS last_at,
        (SELECT ln(median(p.price)) FROM duckmark.products AS p WHERE p.price > 0) AS log_price,
        (SELECT avg(CAST(n.satisfaction AS DECIMAL(18, 6))) FROM duckmark.product_popularity AS n) AS satisfaction
),
lately AS (
    SELECT
        i.product_id,
        sum(CAST(coalesce(power(0.5, date_diff('day', i.last_at, s.last_at) / 30), 1) AS DECIMAL(18, 9))) AS fans
    FROM duckmark.interactions AS i
    CROSS JOIN shop AS s
    WHERE i.preference > 0
    GROUP BY i.product_id
)
SELECT
    p.product_id,
    coalesce(n.popularity, 0) AS popularity,
    coalesce(ln(1 + y.fans) / max(ln(1 + y.fans)) OVER (), 0) AS recent,
    coalesce(ln(1 + date_diff('day', n.last_at, s.last_at)), 0) AS idle,
    coalesce(ln(1 + date_diff('day', n.first_at, s.last_at)), 0) AS age,
    CASE WHEN p.price > 0 THEN ln(p.price) - s.log_price END AS price,
    coalesce(n.satisfaction - s.satisfaction, 0) AS satisfaction
FROM duckmark.products AS p
CROSS JOIN shop AS s
LEFT JOIN duckmark.product_popularity AS n
    ON n.product_id = p.product_id
LEFT JOIN lately AS y
    ON y.product_id = p.product_id
ORDER BY p.product_id;
