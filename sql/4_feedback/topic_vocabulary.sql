-- One row is a term that topics are made of: one that is neither rare (under 5 reviews, or 1 in 500) nor
-- everywhere (over half of the reviews), no number, and without a feeling of its own: what people say is the
-- topic's business, whether they like it the sentiment's. ("love", "great" and "perfect" would otherwise head
-- every topic.)
--
-- keep
CREATE TABLE duckmark.topic_vocabulary AS
WITH occurrences AS (
    SELECT unnest(list_distinct(terms)) AS term
    FROM duckmark.reviews
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
CROSS JOIN (SELECT count(*) AS reviews FROM duckmark.reviews WHERE len(terms) > 0) AS n
WHERE f.document_frequency >= 5
    AND f.document_frequency >= n.reviews / 500
    AND f.document_frequency <= n.reviews / 2
    AND NOT regexp_matches(f.term, '^[0-9]+$')
    AND sentiment(f.term).compound = 0
ORDER BY f.term;
