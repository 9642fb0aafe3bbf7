-- One row is the complaint that stands for an issue in its period, from the 30 least satisfied of its reviews:
-- for a topic the beginning of one, for a term a sentence that has one of its word forms, of readable length (40 to 160)
-- where there is one.
CREATE TABLE duckmark.issue_quotes AS
WITH complaints AS (
    SELECT
        i.kind,
        i.issue,
        i.period,
        r.event_id,
        r.satisfaction,
        r.language,
        r.text
    FROM duckmark.issues AS i
    JOIN duckmark.mentions AS m
        ON m.kind = i.kind AND m.issue = i.issue AND (i.period IS NULL OR m.month = i.period)
    JOIN duckmark.reviews AS r
        ON r.event_id = m.event_id
    WHERE m.label = 'negative'
    QUALIFY row_number() OVER (
        PARTITION BY i.kind, i.issue, i.period
        ORDER BY r.satisfaction, length(r.text), r.event_id
    ) <= 30
),
texts AS (
    SELECT DISTINCT
        event_id,
        language,
        text
    FROM complaints
),
cut AS (
    SELECT
        event_id,
        language,
        unnest(duckmark.split_sentences(text)) AS sentence
    FROM texts
),
sentences AS (
    SELECT
        event_id,
        sentence,
        duckmark.words_around(sentence, language) AS words
    FROM cut
),
spelled AS (
    SELECT
        term,
        concat(' ', unnest(spellings), ' ') AS spelling
    FROM duckmark.said_terms
),
quoted AS (
    SELECT
        c.kind,
        c.issue,
        c.period,
        c.event_id,
        c.satisfaction,
        trim(s.sentence) AS quote
    FROM complaints AS c
    JOIN sentences AS s
        ON s.event_id = c.event_id
    JOIN spelled AS f
        ON f.term = c.issue
    WHERE c.kind = 'term' AND contains(s.words, f.spelling)
    UNION ALL
    SELECT
        kind,
        issue,
        period,
        event_id,
        satisfaction,
        duckmark.readable(text)
    FROM complaints
)
SELECT
    kind,
    issue,
    period,
    event_id,
    duckmark.shortened(quote) AS quote
FROM quoted
QUALIFY row_number() OVER (
    PARTITION BY kind, issue, period
    ORDER BY
        NOT (kind = 'topic' OR duckmark.is_quotable(quote)),
        satisfaction,
        length(quote),
        event_id,
        quote
) = 1
ORDER BY kind, issue, period NULLS FIRST;
