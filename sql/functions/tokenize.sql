-- Lower-cased word tokens of a text, stop words left out; in English unless a language is named.
-- A word is a run of letters, marks and digits, with single apostrophes between them (don't, rock'n'roll).
CREATE MACRO tokenize(txt, lang := 'english') AS (
    SELECT
        list_filter(
            regexp_extract_all(
                lower(replace(txt, '’', '''')),
                '[\p{L}\p{M}\p{N}]+(?:''[\p{L}\p{M}\p{N}]+)*'
            ),
            lambda tokenized: stop_set[tokenized] IS NULL
        )
    FROM (
        SELECT map(list(sw.word), list(true)) AS stop_set
        FROM duckmark.stop_words AS sw
        WHERE sw.language = lower(lang)
    )
    WHERE lang IS NOT NULL
);
