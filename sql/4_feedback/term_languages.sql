-- One row is a term of the reviews in the language that most of the reviews with it are in.
CREATE VIEW duckmark.term_languages AS
WITH words AS (
    SELECT
        language,
        unnest(list_distinct(terms)) AS term
    FROM duckmark.review_terms
)
SELECT
    term,
    language
FROM words
GROUP BY term, language
QUALIFY row_number() OVER (PARTITION BY term ORDER BY count(*) DESC, language) = 1;
