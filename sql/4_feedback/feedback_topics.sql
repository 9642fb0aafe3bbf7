-- One row is a topic: what it is about, how much of the feedback, how people feel about it, and the negative
-- review that is most clearly about it and least satisfied, in its own words.
CREATE VIEW feedback_topics AS
WITH figures AS (
    SELECT
        topic,
        count(*) AS reviews,
        round(count(*) / sum(count(*)) OVER (), 4) AS share,
        round(avg(rating), 2) AS mean_rating,
        round(avg(sentiment), 3) AS mean_sentiment,
        round(avg(satisfaction), 3) AS mean_satisfaction,
        round(avg(CASE WHEN label = 'negative' THEN 1 ELSE 0 END), 4) AS negative_share
    FROM feedback
    WHERE topic IS NOT NULL
    GROUP BY topic
),
complaints AS (
    SELECT
        topic,
        duckmark.readable(text) AS quote
    FROM feedback
    WHERE label = 'negative' AND topic IS NOT NULL
    QUALIFY row_number() OVER (
        PARTITION BY topic
        ORDER BY topic_probability * (1 - satisfaction) DESC, event_id
    ) = 1
)
SELECT
    t.topic,
    t.label,
    t.terms,
    coalesce(f.reviews, 0) AS reviews,
    coalesce(f.share, 0) AS share,
    f.mean_rating,
    f.mean_sentiment,
    f.mean_satisfaction,
    f.negative_share,
    duckmark.shortened(c.quote) AS example
FROM duckmark.topics AS t
LEFT JOIN figures AS f
    ON f.topic = t.topic
LEFT JOIN complaints AS c
    ON c.topic = t.topic
ORDER BY t.topic;
