-- One row is a text that came with an event: the probability that its writer was satisfied, as `shop_sentiment` gives
-- it, for all texts at once; of those that it was learned from, as the other texts say, or it would tell their stars
-- over again. A text that is said many times is read once.
-- key: event_id
-- feedback
CREATE TABLE duckmark.review_sentiment AS
WITH texts AS (
    SELECT
        text,
        min(event_id) AS text_id
    FROM duckmark.events
    WHERE regexp_matches(text, '\S')
    GROUP BY text
),
said AS (
    SELECT
        text,
        text_id,
        md5_number_lower(text) AS text_number,
        sentiment(text) AS vader,
        list_distinct(duckmark.sentiment_terms(text)) AS terms
    FROM texts
),
occurrences AS (
    SELECT
        text_id,
        unnest(terms) AS term
    FROM said
),
sums AS (
    SELECT
        o.text_id,
        CAST(sum(w.weight) AS DOUBLE) AS weight_sum,
        CAST(sum(w.idf * w.idf) AS DOUBLE) AS idf_squares
    FROM occurrences AS o
    JOIN duckmark.sentiment_weights AS w
        ON w.term = o.term
    GROUP BY o.text_id
)
SELECT
    e.event_id,
    coalesce(l.probability, duckmark.satisfied(c, w.weight_sum, w.idf_squares, s.vader)) AS probability
FROM duckmark.events AS e
JOIN said AS s
    ON s.text = e.text
CROSS JOIN duckmark.sentiment_scale AS c
LEFT JOIN sums AS w
    ON w.text_id = s.text_id
LEFT JOIN duckmark.sentiment_left_out AS l
    ON l.text_number = s.text_number
WHERE len(s.terms) > 0
ORDER BY e.event_id;
