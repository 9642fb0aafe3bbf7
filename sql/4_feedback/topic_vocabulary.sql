-- One row is a term that topics are made of: one that is neither rare (under 5 reviews, or 1 in 500) nor
-- everywhere (over half of the reviews), no number, not made of weak words alone, and without a feeling of its own:
-- what people say is the topic's business, whether they like it the sentiment's. ("love", "great" and "perfect"
-- would otherwise head every topic.)
--
-- keep
CREATE TABLE duckmark.topic_vocabulary AS
WITH occurrences AS (
    SELECT unnest(list_distinct(terms)) AS term
    FROM duckmark.review_terms
),
frequencies AS (
    SELECT
        term,
        count(*) AS document_frequency
    FROM occurrences
    GROUP BY term
)
SELECT
    f.term,
    f.document_frequency
FROM frequencies AS f
CROSS JOIN (SELECT count(*) AS reviews FROM duckmark.review_terms) AS n
JOIN duckmark.term_languages AS l
    ON l.term = f.term
LEFT JOIN (SELECT language, list(word) AS words FROM duckmark.weak_words GROUP BY language) AS w
    ON w.language = l.language
WHERE f.document_frequency >= 5
    AND f.document_frequency >= n.reviews / 500
    AND f.document_frequency <= n.reviews / 2
    AND NOT regexp_matches(f.term, '^[0-9]+$')
    AND NOT list_has_all(coalesce(w.words, []), string_split(f.term, ' '))
    AND duckmark.feeling(f.term, l.language) = 0
ORDER BY f.term;
