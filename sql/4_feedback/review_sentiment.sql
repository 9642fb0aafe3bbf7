-- One row is a text that came with an event: the probability that its writer was satisfied, as `shop_sentiment` gives
-- it, for all texts at once.
-- key: event_id
CREATE TABLE duckmark.review_sentiment AS
WITH said AS (
    SELECT
        event_id,
        sentiment(text) AS vader,
        list_distinct(duckmark.sentiment_terms(text)) AS terms
    FROM duckmark.events
    WHERE regexp_matches(text, '\S')
),
occurrences AS (
    SELECT
        event_id,
        unnest(terms) AS term
    FROM said
),
sums AS (
    SELECT
        o.event_id,
        CAST(sum(w.weight) AS DOUBLE) AS weight_sum,
        CAST(sum(w.idf * w.idf) AS DOUBLE) AS idf_squares
    FROM occurrences AS o
    JOIN duckmark.sentiment_weights AS w
        ON w.term = o.term
    GROUP BY o.event_id
)
SELECT
    s.event_id,
    duckmark.satisfied(c, w.weight_sum, w.idf_squares, s.vader) AS probability
FROM said AS s
CROSS JOIN duckmark.sentiment_scale AS c
LEFT JOIN sums AS w
    ON w.event_id = s.event_id
WHERE len(s.terms) > 0
ORDER BY s.event_id;
