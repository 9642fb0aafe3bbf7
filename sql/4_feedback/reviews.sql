-- One row is a piece of feedback: an event that carries a rating, a text or both, read once for its words,
-- its sentiment and its satisfaction from 0 to 1: 0.7 x stars on that scale + 0.3 x what the words say on it, or
-- the one there is. The words say what they mean in this shop, where that could be learned (VADER's score is part
-- of it), else VADER's score of an English text: it takes the German "die" for death and "war" for war, so that of texts
-- in other languages it says nothing. The label puts VADER's thresholds (compound -0.05 and 0.05) on the scale of
-- satisfaction (0.475 and 0.525): four and five stars are positive, one and two negative, and the words decide on three;
-- NULL, as the satisfaction, where nothing says.
--
-- key: event_id
-- feedback
CREATE TABLE duckmark.reviews AS
WITH said AS (
    SELECT
        event_id,
        user_id,
        product_id,
        happened_at,
        rating,
        CASE WHEN regexp_matches(text, '\S') THEN text END AS text
    FROM duckmark.events
    WHERE rating IS NOT NULL OR regexp_matches(text, '\S')
),
understood AS (
    SELECT
        s.*,
        l.language,
        tokenize(s.text, l.language) AS terms,
        CASE WHEN coalesce(l.language, 'en') = 'en' THEN sentiment(s.text) END AS sentiment,
        c.probability AS shop_sentiment
    FROM said AS s
    LEFT JOIN duckmark.review_languages AS l
        ON l.event_id = s.event_id
    LEFT JOIN duckmark.review_sentiment AS c
        ON c.event_id = s.event_id
),
scaled AS (
    SELECT
        *,
        (rating - 1) / 4 AS by_stars,
        coalesce(shop_sentiment, (sentiment.compound + 1) / 2) AS by_words
    FROM understood
),
weighed AS (
    SELECT
        *,
        round(coalesce(0.7 * by_stars + 0.3 * by_words, by_stars, by_words), 6) AS satisfaction
    FROM scaled
)
SELECT
    event_id,
    user_id,
    product_id,
    happened_at,
    rating,
    text,
    language,
    terms,
    sentiment,
    shop_sentiment,
    satisfaction,
    CASE
        WHEN satisfaction <= 0.475 THEN 'negative'
        WHEN satisfaction >= 0.525 THEN 'positive'
        WHEN satisfaction IS NOT NULL THEN 'neutral'
    END AS label
FROM weighed
ORDER BY event_id;
