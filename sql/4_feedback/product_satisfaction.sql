-- One row is a product with feedback and how satisfied its buyers are, best first. `satisfaction` is the mean
-- drawn towards the shop's as if 10 more people had said what the shop's average says, so that one review
-- does not top the list; `trend` is the mean of the newer half of its dated reviews less that of the older,
-- from 10 reviews on.
CREATE VIEW product_satisfaction AS
WITH aged AS (
    SELECT
        *,
        count(happened_at) OVER (PARTITION BY product_id) AS dated,
        CASE
            WHEN happened_at IS NOT NULL
                THEN row_number() OVER (PARTITION BY product_id ORDER BY happened_at NULLS LAST, event_id)
        END AS position
    FROM feedback
    WHERE product_id IS NOT NULL
),
figures AS (
    SELECT
        product_id,
        count(*) AS reviews,
        avg(rating) AS mean_rating,
        avg(sentiment) AS mean_sentiment,
        sum(satisfaction) AS total,
        avg(CASE WHEN label = 'negative' THEN 1 ELSE 0 END) AS negative_share,
        avg(CASE WHEN dated >= 10 AND 2 * position > dated THEN satisfaction END)
            - avg(CASE WHEN dated >= 10 AND 2 * position <= dated THEN satisfaction END) AS trend
    FROM aged
    GROUP BY product_id
),
shrunken AS (
    SELECT
        *,
        (total + 10 * sum(total) OVER () / sum(reviews) OVER ()) / (reviews + 10) AS satisfaction
    FROM figures
),
complaints AS (
    SELECT
        product_id,
        topic_label
    FROM feedback
    WHERE label = 'negative' AND topic IS NOT NULL
    GROUP BY product_id, topic, topic_label
    QUALIFY row_number() OVER (PARTITION BY product_id ORDER BY count(*) DESC, topic) = 1
)
SELECT
    row_number() OVER (ORDER BY s.satisfaction DESC, s.product_id) AS rank,
    s.product_id,
    p.title,
    p.category,
    s.reviews,
    round(s.mean_rating, 2) AS mean_rating,
    round(s.mean_sentiment, 3) AS mean_sentiment,
    round(s.satisfaction, 3) AS satisfaction,
    round(s.negative_share, 4) AS negative_share,
    round(s.trend, 3) AS trend,
    c.topic_label AS main_complaint
FROM shrunken AS s
LEFT JOIN duckmark.products AS p
    ON p.product_id = s.product_id
LEFT JOIN complaints AS c
    ON c.product_id = s.product_id
ORDER BY rank;
