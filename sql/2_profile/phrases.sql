-- One row is a phrase: two terms that stand side by side (stop words left out) more often than chance, and so
-- count as one term in topics, issues and keywords. More than chance is a normalised pointwise mutual information
-- of at least 0.4 (Bouma 2009, as in gensim's Phrases), in at least 10 places of one language, among the words of that
-- language: beside another's, its commonest words would seem to seek each other. `language` is that in which the two
-- belong together most. Numbers make no phrase, nor do Chinese words of which one begins with the end of the other.
-- keep
-- model: phrases
CREATE TABLE duckmark.phrases AS
WITH documents AS (
    SELECT
        concat(source, ' ', document_id) AS document,
        language,
        terms
    FROM duckmark.documents
    WHERE len(terms) > 0
),
words AS (
    SELECT
        language,
        unnest(terms) AS term
    FROM documents
),
counts AS (
    SELECT
        language,
        term,
        count(*) AS occurrences
    FROM words
    GROUP BY language, term
),
sizes AS (
    SELECT
        language,
        sum(len(terms)) AS words
    FROM documents
    GROUP BY language
),
neighbours AS (
    SELECT
        document,
        language,
        unnest(list_zip(terms, terms[2:])) AS pair
    FROM documents
),
pairs AS (
    SELECT
        language,
        pair[1] AS first_term,
        pair[2] AS second_term,
        count(*) AS occurrences,
        count(DISTINCT document) AS document_frequency
    FROM neighbours
    WHERE pair[2] IS NOT NULL
        AND NOT regexp_matches(pair[1], '^\p{N}+$')
        AND NOT regexp_matches(pair[2], '^\p{N}+$')
        AND NOT (regexp_matches(pair[2], '^\p{Han}') AND right(pair[1], 1) = left(pair[2], 1))
    GROUP BY language, first_term, second_term
    HAVING count(*) >= 10
),
scored AS (
    SELECT
        p.*,
        ln(p.occurrences * n.words / (a.occurrences * b.occurrences)) / -ln(p.occurrences / n.words) AS npmi
    FROM pairs AS p
    JOIN counts AS a
        ON a.language = p.language AND a.term = p.first_term
    JOIN counts AS b
        ON b.language = p.language AND b.term = p.second_term
    JOIN sizes AS n
        ON n.language = p.language
),
found AS (
    SELECT
        first_term,
        second_term,
        first(language ORDER BY npmi DESC, language) AS language,
        sum(occurrences) AS occurrences,
        sum(document_frequency) AS document_frequency,
        max(npmi) AS npmi
    FROM scored
    WHERE npmi >= 0.4
    GROUP BY first_term, second_term
)
SELECT
    f.first_term,
    f.second_term,
    concat(f.first_term, ' ', f.second_term) AS phrase,
    f.language,
    f.occurrences,
    f.document_frequency,
    ln((1 + n.documents) / (1 + f.document_frequency)) + 1 AS idf,
    f.npmi
FROM found AS f
CROSS JOIN (SELECT count(*) AS documents FROM documents) AS n
ORDER BY phrase;
