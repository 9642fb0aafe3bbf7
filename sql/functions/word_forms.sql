-- One row is a word that does not stay as it is when a text is tokenised in the language of that name (its
-- English name, its ISO code, or 'main' for the file's main language): a stop word, whose term is NULL, or a
-- word with another stem.
CREATE TABLE duckmark.word_forms AS
SELECT
    n.name,
    f.word,
    f.term
FROM (
    SELECT
        name,
        language
    FROM duckmark.language_names
    UNION ALL
    SELECT
        'main' AS name,
        language
    FROM duckmark.languages
    WHERE is_main
) AS n
JOIN (
    SELECT
        language,
        word,
        CAST(NULL AS VARCHAR) AS term
    FROM duckmark.stop_words
    UNION ALL
    SELECT
        language,
        word,
        stem
    FROM duckmark.stems
) AS f
    ON f.language = n.language
ORDER BY n.name, f.word;
