-- One row is how a user behaves: when, how often, for how much money, what they come back to and through which
-- channel. An order is an order number, else a day. Recency is left to the views: it grows every day.
-- key: user_id
-- parts
CREATE TABLE duckmark.user_behaviour AS
WITH own AS (
    SELECT
        e.user_id,
        e.product_id,
        e.kind,
        e.happened_at,
        e.channel,
        e.quantity,
        e.price,
        e.rating,
        p.category,
        coalesce(e.order_id, CAST(CAST(e.happened_at AS DATE) AS VARCHAR), CAST(e.event_id AS VARCHAR)) AS visit
    FROM duckmark.events AS e
    LEFT JOIN duckmark.products AS p
        ON p.product_id = e.product_id
    WHERE e.user_id IS NOT NULL
),
categories AS (
    SELECT
        user_id,
        list(category ORDER BY events DESC, category) AS favourite_categories
    FROM (
        SELECT
            user_id,
            category,
            count(*) AS events
        FROM own
        WHERE category IS NOT NULL
        GROUP BY user_id, category
        QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY count(*) DESC, category) <= 3
    )
    GROUP BY user_id
),
channels AS (
    SELECT
        user_id,
        channel AS favourite_channel
    FROM own
    WHERE channel IS NOT NULL
    GROUP BY user_id, channel
    QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY count(*) DESC, channel) = 1
),
totals AS (
    SELECT
        user_id,
        min(happened_at) AS first_at,
        max(happened_at) AS last_at,
        count(*) AS events,
        count(DISTINCT visit) AS visits,
        count(DISTINCT CASE WHEN kind = 'purchase' THEN visit END) AS orders,
        count(DISTINCT product_id) AS products,
        sum(CASE WHEN kind = 'purchase' THEN coalesce(quantity, 1) END) AS units,
        CAST(sum(CASE WHEN kind = 'purchase' THEN coalesce(quantity, 1) * price END) AS DECIMAL(18, 2)) AS spend,
        avg(CAST(rating AS DECIMAL(18, 6))) AS mean_rating
    FROM own
    GROUP BY user_id
)
SELECT
    t.*,
    c.favourite_categories,
    h.favourite_channel
FROM totals AS t
LEFT JOIN categories AS c
    ON c.user_id = t.user_id
LEFT JOIN channels AS h
    ON h.user_id = t.user_id
ORDER BY t.user_id;
