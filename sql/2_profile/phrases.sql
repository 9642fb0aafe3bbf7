-- One row is a phrase: two terms that stand side by side (stop words left out) more often than chance, and so
-- count as one term in topics, issues and keywords. More than chance is a normalised pointwise mutual information
-- of at least 0.4 (Bouma 2009, as in gensim's Phrases), in at least 10 places; numbers make no phrase.
-- keep
-- model: phrases
CREATE TABLE duckmark.phrases AS
WITH documents AS (
    SELECT
        concat(source, ' ', document_id) AS document,
        terms
    FROM duckmark.documents
    WHERE len(terms) > 0
),
words AS (
    SELECT unnest(terms) AS term
    FROM documents
),
counts AS (
    SELECT
        term,
        count(*) AS occurrences
    FROM words
    GROUP BY term
),
sizes AS (
    SELECT
        count(*) AS documents,
        sum(len(terms)) AS words
    FROM documents
),
neighbours AS (
    SELECT
        document,
        unnest(list_zip(terms, terms[2:])) AS pair
    FROM documents
),
pairs AS (
    SELECT
        pair[1] AS first_term,
        pair[2] AS second_term,
        count(*) AS occurrences,
        count(DISTINCT document) AS document_frequency
    FROM neighbours
    WHERE pair[2] IS NOT NULL
        AND NOT regexp_matches(pair[1], '^\p{N}+$')
        AND NOT regexp_matches(pair[2], '^\p{N}+$')
    GROUP BY first_term, second_term
    HAVING count(*) >= 10
),
scored AS (
    SELECT
        p.*,
        ln(p.occurrences * n.words / (a.occurrences * b.occurrences)) / -ln(p.occurrences / n.words) AS npmi,
        ln((1 + n.documents) / (1 + p.document_frequency)) + 1 AS idf
    FROM pairs AS p
    JOIN counts AS a
        ON a.term = p.first_term
    JOIN counts AS b
        ON b.term = p.second_term
    CROSS JOIN sizes AS n
)
SELECT
    first_term,
    second_term,
    concat(first_term, ' ', second_term) AS phrase,
    occurrences,
    document_frequency,
    idf,
    npmi
FROM scored
WHERE npmi >= 0.4
ORDER BY phrase;
