-- One row is a term of the vocabulary: in how many documents it stands, its inverse document frequency
-- (smoothed, as in scikit-learn: ln((1 + n) / (1 + df)) + 1) and its word vector.
-- Part of the trained model: a refresh keeps it, so that old and new profiles stay comparable.
-- keep
-- model: idf
-- primary key: term
-- uncompressed
CREATE TABLE duckmark.terms AS
WITH occurrences AS (
    SELECT DISTINCT
        source,
        document_id,
        unnest(terms) AS term
    FROM duckmark.documents
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
    f.document_frequency,
    ln((1 + n.documents) / (1 + f.document_frequency)) + 1 AS idf,
    w.vector
FROM frequencies AS f
JOIN duckmark.word_vectors AS w
    ON w.term = f.term
CROSS JOIN (SELECT count(*) AS documents FROM duckmark.documents) AS n
ORDER BY f.term;
