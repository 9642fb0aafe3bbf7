-- One row is what one user has shown of one product, all their events together.
-- `rating` is on the five-star scale: from feedback where they gave any (1 + 4 x satisfaction), otherwise what
-- their behaviour implies, 5 x (1 - exp(-sum of event weights / 5)): one purchase 2.8, two 4.0, ten views 4.3.
-- `preference` is the rating with its sign: feedback below 2.6 stars is a dislike and counts as rating - 5.
-- This is where feedback comes back into profiles and recommendations.
-- key: user_id, product_id
-- parts
-- dictionary
CREATE TABLE duckmark.interactions AS
WITH totals AS (
    SELECT
        e.user_id,
        e.product_id,
        count(*) AS events,
        max(e.happened_at) AS last_at,
        sum(CAST(k.weight AS DECIMAL(18, 6))) AS weight,
        avg(CAST(r.satisfaction AS DECIMAL(18, 6))) AS satisfaction
    FROM duckmark.events AS e
    JOIN duckmark.event_kinds AS k
        ON k.kind = e.kind
    LEFT JOIN duckmark.reviews AS r
        ON r.event_id = e.event_id
    WHERE e.user_id IS NOT NULL
    GROUP BY e.user_id, e.product_id
),
rated AS (
    SELECT
        *,
        CASE
            WHEN satisfaction IS NOT NULL THEN 1 + 4 * satisfaction
            ELSE round(5 * (1 - exp(-greatest(weight, 0) / 5)), 6)
        END AS rating
    FROM totals
)
SELECT
    user_id,
    product_id,
    events,
    last_at,
    satisfaction,
    rating,
    CASE
        WHEN (satisfaction IS NOT NULL AND rating < 2.6) OR weight < 0 THEN rating - 5
        ELSE rating
    END AS preference
FROM rated
ORDER BY user_id, product_id;
