-- One row is a piece of feedback: who said what about which product, how satisfied they were, and what it is
-- about.
CREATE VIEW feedback AS
SELECT
    r.event_id,
    r.user_id,
    r.product_id,
    p.title,
    p.category,
    r.happened_at,
    r.rating,
    r.text,
    r.language,
    r.sentiment.compound AS sentiment,
    r.shop_sentiment,
    r.label,
    r.satisfaction,
    t.topic,
    t.label AS topic_label,
    round(rt.probability, 4) AS topic_probability
FROM duckmark.reviews AS r
LEFT JOIN duckmark.products AS p
    ON p.product_id = r.product_id
LEFT JOIN duckmark.review_topics AS rt
    ON rt.event_id = r.event_id
LEFT JOIN duckmark.topics AS t
    ON t.topic = rt.topic;
