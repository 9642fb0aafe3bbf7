-- One row is a user with the ten terms that say most of their taste: the highest weight x idf,
-- which stands beside each. A phrase is one term;
-- a word of it is only listed beside it where most of its strength comes from outside the phrase.
-- key: user_id
-- parts
CREATE TABLE duckmark.user_keywords AS
WITH in_phrases AS (
    SELECT
        user_id,
        unnest(string_split(phrase, ' ')) AS term,
        exp(weight) - 1 AS strength
    FROM duckmark.user_phrases
    WHERE weight > 0
),
most_in_one AS (
    SELECT
        user_id,
        term,
        max(strength) AS strength
    FROM in_phrases
    GROUP BY user_id, term
),
candidates AS (
    SELECT
        u.user_id,
        u.term,
        u.weight * t.idf AS importance
    FROM duckmark.user_terms AS u
    JOIN duckmark.terms AS t
        ON t.term = u.term
    LEFT JOIN most_in_one AS m
        ON m.user_id = u.user_id AND m.term = u.term
    WHERE u.weight > 0 AND 2 * coalesce(m.strength, 0) < exp(u.weight) - 1
    UNION ALL
    SELECT
        u.user_id,
        u.phrase,
        u.weight * f.idf
    FROM duckmark.user_phrases AS u
    JOIN duckmark.phrases AS f
        ON f.phrase = u.phrase
    WHERE u.weight > 0
)
SELECT
    user_id,
    list(term ORDER BY importance DESC, term) AS keywords,
    list(importance ORDER BY importance DESC, term) AS keyword_weights
FROM (
    FROM candidates
    QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY importance DESC, term) <= 10
)
GROUP BY user_id
ORDER BY user_id;
