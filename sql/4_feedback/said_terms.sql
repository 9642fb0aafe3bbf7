-- One row is a term that at least 5 reviews have, which is no number and not made of weak words alone: the language that
-- most of these are in, how many they are, how many of them are positive and negative, the feeling in it by itself
-- (VADER's compound, of an English term), and the word forms it is written in.
CREATE TABLE duckmark.said_terms AS
WITH totals AS (
    SELECT
        term,
        sum(reviews) AS reviews,
        sum(positive) AS positive,
        sum(negative) AS negative
    FROM duckmark.product_mentions
    GROUP BY term
    HAVING sum(reviews) >= 5
),
placed AS (
    SELECT
        t.*,
        l.language
    FROM totals AS t
    JOIN duckmark.term_languages AS l
        ON l.term = t.term
    WHERE NOT regexp_matches(t.term, '^\p{N}')
),
words AS (
    SELECT
        term,
        language,
        unnest(string_split(term, ' ')) AS word
    FROM placed
),
telling AS (
    SELECT DISTINCT term
    FROM words
    ANTI JOIN duckmark.weak_words
        USING (language, word)
),
spelled AS (
    SELECT
        form AS term,
        term AS spelling
    FROM duckmark.term_groups
    UNION
    SELECT
        term,
        term
    FROM totals
),
forms AS (
    SELECT
        term,
        list(spelling ORDER BY spelling) AS spellings
    FROM spelled
    GROUP BY term
)
SELECT
    p.term,
    p.language,
    p.reviews,
    p.positive,
    p.negative,
    duckmark.feeling(p.term, p.language) AS feeling,
    f.spellings
FROM placed AS p
SEMI JOIN telling
    ON telling.term = p.term
JOIN forms AS f
    ON f.term = p.term
ORDER BY p.term;
