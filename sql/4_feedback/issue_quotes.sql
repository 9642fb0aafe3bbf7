-- One row is the complaint that stands for an issue in its period, from the least satisfied of its reviews:
-- for a topic the beginning, for a term the sentence that has it, of readable length (40 to 160) where there
-- is one.
CREATE TABLE duckmark.issue_quotes AS
WITH complaints AS (
    SELECT
        i.kind,
        i.issue,
        i.period,
        r.event_id,
        r.satisfaction,
        regexp_replace(r.text, '\s+', ' ', 'g') AS text
    FROM duckmark.issues AS i
    JOIN duckmark.mentions AS m
        ON m.kind = i.kind AND m.issue = i.issue AND (i.period IS NULL OR m.month = i.period)
    JOIN duckmark.reviews AS r
        ON r.event_id = m.event_id
    WHERE m.label = 'negative'
),
quoted AS (
    SELECT
        *,
        CASE
            WHEN kind = 'term'
                THEN coalesce(
                    nullif(trim(regexp_extract(text, concat('(?i)[^.!?]*\b', issue, '\b[^.!?]*[.!?]*'))), ''),
                    text
                )
            ELSE text
        END AS quote
    FROM complaints
)
SELECT
    kind,
    issue,
    period,
    event_id,
    CASE WHEN length(quote) > 240 THEN concat(trim(left(quote, 239)), '…') ELSE quote END AS quote
FROM quoted
QUALIFY row_number() OVER (
    PARTITION BY kind, issue, period
    ORDER BY
        CASE WHEN kind = 'topic' OR length(quote) BETWEEN 40 AND 160 THEN 0 ELSE 1 END,
        satisfaction,
        length(text),
        event_id
) = 1
ORDER BY kind, issue, period NULLS FIRST;
