-- Lower-cased word tokens of a text in the order it has them, without stop words; stemmed where the file is;
-- in the file's main language unless another is named.
-- A word is a run of letters, marks and digits, with single apostrophes between them (don't, rock'n'roll). A run
-- of Han characters is cut into the Chinese words that the file knows: from each character the longest that begins
-- there, or the character, less those that lie within another.
CREATE MACRO tokenize(txt, language := 'main') AS (
    WITH token_runs AS (
        SELECT
            unnest(tokens_found) AS token_run,
            generate_subscripts(tokens_found, 1) AS token_place,
            token_language
        FROM (
            SELECT
                regexp_extract_all(
                    regexp_replace(lower(replace(txt, '’', '''')), '(\p{Han}+)', ' \1 ', 'g'),
                    '[\p{L}\p{M}\p{N}]+(?:''[\p{L}\p{M}\p{N}]+)*'
                ) AS tokens_found,
                lower(language) AS token_language
        )
    ),
    token_starts AS (
        SELECT
            token_run,
            token_place,
            unnest(range(1, length(token_run) + 1)) AS token_start
        FROM token_runs
        WHERE regexp_matches(token_run, '^\p{Han}')
    ),
    token_candidates AS (
        SELECT
            token_run,
            token_place,
            token_start,
            unnest([1, 2, 3, 4, 5]) AS token_length
        FROM token_starts
    ),
    token_longest AS (
        SELECT
            token_run,
            token_place,
            token_start,
            max(CASE WHEN cw.word IS NULL THEN 1 ELSE token_length END) AS token_length
        FROM token_candidates
        LEFT JOIN duckmark.chinese_words AS cw
            ON cw.word = substring(token_run, token_start, token_length) AND length(cw.word) = token_length
        GROUP BY token_run, token_place, token_start
    ),
    token_reach AS (
        SELECT
            token_place,
            token_start,
            substring(token_run, token_start, token_length) AS token_piece,
            token_start + token_length AS token_end,
            max(token_start + token_length) OVER (
                PARTITION BY token_place
                ORDER BY token_start
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ) AS token_reached
        FROM token_longest
    ),
    tokens AS (
        SELECT
            r.token_place,
            r.token_language,
            p.token_start,
            coalesce(p.token_piece, r.token_run) AS token
        FROM token_runs AS r
        LEFT JOIN (
            SELECT
                token_place,
                token_start,
                token_piece
            FROM token_reach
            WHERE token_reached IS NULL OR token_end > token_reached
        ) AS p
            ON p.token_place = r.token_place
    )
    SELECT
        CASE
            WHEN txt IS NOT NULL AND language IS NOT NULL
                THEN coalesce(
                    list(coalesce(wf.term, token) ORDER BY token_place, token_start)
                        FILTER (WHERE wf.word IS NULL OR wf.term IS NOT NULL),
                    CAST([] AS VARCHAR[])
                )
        END
    FROM tokens
    LEFT JOIN duckmark.word_forms AS wf
        ON wf.word = token AND wf.name = token_language
);
