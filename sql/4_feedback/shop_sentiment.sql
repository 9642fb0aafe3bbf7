-- The probability that the writer of a text is satisfied, by what this shop's customers wrote beside their ratings.
-- NULL for a text without words, and where the shop has too few ratings with text (`models` says why).
-- VADER's score and the words are columns, each named many times but planned once.
CREATE MACRO shop_sentiment(txt) AS (
    SELECT duckmark.satisfied(shop_scale, shop_weight_sum, shop_idf_squares, shop_vader)
    FROM duckmark.sentiment_scale AS shop_scale
    CROSS JOIN (SELECT sentiment(txt) AS shop_vader) AS shop_spoken
    CROSS JOIN (
        SELECT
            count(*) AS shop_words,
            CAST(sum(shop_weights.weight) AS DOUBLE) AS shop_weight_sum,
            CAST(sum(shop_weights.idf * shop_weights.idf) AS DOUBLE) AS shop_idf_squares
        FROM (SELECT unnest(list_distinct(duckmark.sentiment_terms(txt))) AS shop_term)
        LEFT JOIN duckmark.sentiment_weights AS shop_weights
            ON shop_weights.term = shop_term
    ) AS shop_written
    WHERE shop_words > 0
);
