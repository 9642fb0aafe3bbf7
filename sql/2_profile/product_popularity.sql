-- One row is how a product does: people, events, units, revenue and feedback; `popularity` is ln(1 + events of
-- distinct people) on a scale where the shop's most popular product has 1.
-- model: popularity
CREATE TABLE duckmark.product_popularity AS
WITH people AS (
    SELECT
        e.product_id,
        count(DISTINCT e.user_id) AS users,
        count(*) AS events,
        coalesce(sum(CASE WHEN e.kind = 'purchase' THEN coalesce(e.quantity, 1) END), 0) AS units,
        CAST(coalesce(sum(CASE WHEN e.kind = 'purchase' THEN coalesce(e.quantity, 1) * e.price END), 0) AS DECIMAL(18, 2)) AS revenue,
        avg(CAST(e.rating AS DECIMAL(18, 6))) AS mean_rating,
        avg(CAST(r.satisfaction AS DECIMAL(18, 6))) AS satisfaction
    FROM duckmark.events AS e
    LEFT JOIN duckmark.reviews AS r
        ON r.event_id = e.event_id
    GROUP BY e.product_id
)
SELECT
    *,
    ln(1 + CASE WHEN users > 0 THEN users ELSE events END)
        / max(ln(1 + CASE WHEN users > 0 THEN users ELSE events END)) OVER () AS popularity
FROM people
ORDER BY product_id;
