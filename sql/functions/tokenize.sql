-- Lower-cased word tokens of a text, stop words left out; in English unless a language is named.
-- A word is a run of letters, marks and digits, with single apostrophes between them (don't, rock'n'roll).
-- The words and the stop words go into the lambda as one value, for a lambda may hold no subquery, and in DuckDB
-- 1.5 a lambda within a correlated subquery (as in `embed` of a column) does not find the columns around it.
CREATE MACRO tokenize(txt, lang := 'english') AS CASE
    WHEN lang IS NOT NULL
        THEN list_transform(
            [{
                'found': regexp_extract_all(
                    lower(replace(txt, '’', '''')),
                    '[\p{L}\p{M}\p{N}]+(?:''[\p{L}\p{M}\p{N}]+)*'
                ),
                'stopped': (
                    SELECT map(list(sw.word), list(true))
                    FROM duckmark.stop_words AS sw
                    WHERE sw.language = lower(lang)
                )
            }],
            lambda tokenized: list_filter(tokenized.found, lambda word: NOT coalesce(map_contains(tokenized.stopped, word), false))
        )[1]
END;
