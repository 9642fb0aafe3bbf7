-- One row is a topic in the reviews of a product in a month with one sentiment (positive, neutral or negative): how many
-- reviews, their stars and satisfaction, and which share of the product's reviews of that month with a topic they are.
-- The month is NULL of reviews without a date.
CREATE VIEW topic_trends AS
WITH dated AS (
    SELECT
        *,
        CAST(date_trunc('month', happened_at) AS DATE) AS month
    FROM feedback
    WHERE topic IS NOT NULL
)
SELECT
    topic,
    topic_label,
    product_id,
    title,
    category,
    month,
    label AS sentiment,
    count(*) AS reviews,
    round(count(*) / sum(count(*)) OVER (PARTITION BY product_id, month), 4) AS share,
    round(avg(rating), 2) AS mean_rating,
    round(avg(satisfaction), 3) AS mean_satisfaction
FROM dated
GROUP BY topic, topic_label, product_id, title, category, month, label
ORDER BY topic, product_id, month, label;
