-- One row is how a product does: people, events, when they began and ended, units, revenue and feedback. `popularity` is
-- ln(1 + fans), fans being the people who like it less those who dislike it, on a scale where the shop's most popular
-- product has 1; where users are not known, its events stand for fans.
-- model: popularity
CREATE TABLE duckmark.product_popularity AS
WITH totals AS (
    SELECT
        e.product_id,
        count(*) AS events,
        min(e.happened_at) AS first_at,
        max(e.happened_at) AS last_at,
        sum(CASE WHEN e.kind = 'purchase' THEN coalesce(e.quantity, 1) END) AS units,
        CAST(sum(CASE WHEN e.kind = 'purchase' THEN coalesce(e.quantity, 1) * e.price END) AS DECIMAL(18, 2)) AS revenue,
        avg(CAST(e.rating AS DECIMAL(18, 6))) AS mean_rating,
        avg(CAST(r.satisfaction AS DECIMAL(18, 6))) AS satisfaction
    FROM duckmark.events AS e
    LEFT JOIN duckmark.reviews AS r
        ON r.event_id = e.event_id
    GROUP BY e.product_id
),
liking AS (
    SELECT
        product_id,
        count(*) AS users,
        CAST(sum(sign(preference)) AS BIGINT) AS fans
    FROM duckmark.interactions
    GROUP BY product_id
),
known AS (
    SELECT
        t.product_id,
        coalesce(l.users, 0) AS users,
        t.* EXCLUDE (product_id),
        greatest(coalesce(l.fans, t.events), 0) AS fans
    FROM totals AS t
    LEFT JOIN liking AS l
        ON l.product_id = t.product_id
)
SELECT
    *,
    coalesce(ln(1 + fans) / nullif(max(ln(1 + fans)) OVER (), 0), 0) AS popularity
FROM known
ORDER BY product_id;
