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
weak AS (
    SELECT
        language,
        list(word) AS words
    FROM duckmark.weak_words
    GROUP BY language
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
    t.term,
    l.language,
    t.reviews,
    t.positive,
    t.negative,
    duckmark.feeling(t.term, l.language) AS feeling,
    f.spellings
FROM totals AS t
JOIN forms AS f
    ON f.term = t.term
JOIN duckmark.term_languages AS l
    ON l.term = t.term
LEFT JOIN weak AS w
    ON w.language = l.language
WHERE NOT list_has_all(coalesce(w.words, []), string_split(t.term, ' ')) AND NOT regexp_matches(t.term, '^\p{N}')
ORDER BY t.term;
