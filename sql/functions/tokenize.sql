-- Lower-cased word tokens of a text in the order it has them, without stop words; stemmed where the file is;
-- in the file's main language unless another is named.
-- A word is a run of letters, marks and digits, with single apostrophes between them (don't, rock'n'roll). A run
-- of Han characters is cut into the Chinese words that the file knows: from each character the longest that begins
-- there, or the character, less those that lie within another; a file that knows none cuts it into its characters.
-- A class of characters takes DuckDB a millisecond to compile: the text goes through a list, as a constant is else
-- split again and again to plan, and words are written with one class, their apostrophes trimmed after.
CREATE MACRO tokenize(txt, language := 'main') AS (
    WITH token_runs AS (
        SELECT
            unnest(tokens_found) AS token_run,
            generate_subscripts(tokens_found, 1) AS token_place,
            token_language
        FROM (
            SELECT
                regexp_extract_all(
                    regexp_replace(
                        regexp_replace(lower(replace(token_text, '’', '''')), '''{2,}', ' ', 'g'),
                        CASE WHEN duckmark.knows_chinese() THEN '(\p{Han}+)' ELSE '(\p{Han})' END, ' \1 ', 'g'
                    ),
                    '[\p{L}\p{M}\p{N}'']+'
                ) AS tokens_found,
                lower(language) AS token_language
            FROM (SELECT unnest([txt]) AS token_text)
        )
    ),
    token_words AS (
        SELECT
            trim(token_run, '''') AS token,
            token_place,
            0 AS token_start,
            token_language
        FROM token_runs
        WHERE token_run <> ''''
    ),
    -- A word of another script starts nowhere (0), in one piece.
    token_starts AS (
        SELECT
            trim(token_run, '''') AS token_run,
            token_place,
            token_language,
            unnest(
                CASE WHEN regexp_matches(token_run, '^\p{Han}') THEN range(1, length(token_run) + 1) ELSE [0] END
            ) AS token_start
        FROM token_runs
        WHERE token_run <> ''''
    ),
    token_candidates AS (
        SELECT
            token_run,
            token_place,
            token_language,
            token_start,
            unnest(CASE WHEN token_start = 0 THEN [0] ELSE [1, 2, 3, 4, 5] END) AS token_length
        FROM token_starts
    ),
    token_longest AS (
        SELECT
            token_run,
            token_place,
            token_language,
            token_start,
            max(CASE WHEN cw.word IS NULL THEN least(token_length, 1) ELSE token_length END) AS token_length
        FROM token_candidates
        LEFT JOIN duckmark.chinese_words AS cw
            ON cw.word = substring(token_run, token_start, token_length) AND length(cw.word) = token_length
        GROUP BY token_run, token_place, token_language, token_start
    ),
    token_reach AS (
        SELECT
            token_place,
            token_language,
            token_start,
            CASE WHEN token_start = 0 THEN token_run ELSE substring(token_run, token_start, token_length) END AS token,
            token_start + token_length AS token_end,
            max(token_start + token_length) OVER (
                PARTITION BY token_place
                ORDER BY token_start
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS token_reached
        FROM token_longest
    ),
    token_cuts AS (
        SELECT
            token,
            token_place,
            token_start,
            token_language
        FROM token_reach
        WHERE token_reached IS NULL OR token_end > token_reached
    )
    SELECT CASE WHEN txt IS NOT NULL AND language IS NOT NULL THEN coalesce(tokens, CAST([] AS VARCHAR[])) END
    FROM (
        SELECT
            list(coalesce(wf.term, token) ORDER BY token_place, token_start)
                FILTER (WHERE wf.word IS NULL OR wf.term IS NOT NULL) AS tokens
        FROM (
            SELECT *
            FROM query_table(CASE WHEN duckmark.knows_chinese() THEN 'token_cuts' ELSE 'token_words' END)
        )
        LEFT JOIN duckmark.word_forms AS wf
            ON wf.word = token AND wf.name = token_language
    )
);
