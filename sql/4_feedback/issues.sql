-- One row is a topic or term that people complain of beyond chance: over all feedback (period NULL), more
-- than of other things; in a month, more than in the month before, by the `measure` that rose most. Beyond chance is
-- z over 1.96 and, since many are tested at once, no more than one false alarm in twenty over all feedback and in a
-- hundred over months, where every month is looked at again (Benjamini & Hochberg 1995, over each kind of issue and of
-- period; the chance of a z by the tail of the normal distribution after Lin 1989).
-- Fewer than 5 complaints are no issue, nor is a term with less than twice the odds.
CREATE TABLE duckmark.issues AS
WITH contrasts AS (
    SELECT
        'topic' AS kind,
        issue,
        CAST(NULL AS DOUBLE) AS log_odds,
        z
    FROM duckmark.topic_contrasts
    UNION ALL
    SELECT
        'term',
        issue,
        log_odds,
        z
    FROM duckmark.term_contrasts
),
chances AS (
    SELECT
        kind,
        issue,
        CAST(NULL AS DATE) AS period,
        'complaints' AS measure,
        CAST(NULL AS DOUBLE) AS measured_share,
        CAST(NULL AS DOUBLE) AS previous_share,
        log_odds,
        z,
        CASE WHEN z > 0 THEN exp(-0.717 * z - 0.416 * z * z) / 2 ELSE 1 END AS chance
    FROM contrasts
    WHERE z IS NOT NULL
    UNION ALL
    SELECT
        kind,
        issue,
        period,
        measure,
        share,
        previous_share,
        NULL,
        z,
        chance
    FROM duckmark.issue_changes
    WHERE z IS NOT NULL
),
ranked AS (
    SELECT
        *,
        chance
            * count(*) OVER (PARTITION BY kind, period IS NULL)
            / count(*) OVER (PARTITION BY kind, period IS NULL ORDER BY chance) AS false_alarms
    FROM chances
),
controlled AS (
    SELECT
        *,
        min(false_alarms) OVER (
            PARTITION BY kind, period IS NULL
            ORDER BY chance DESC
        ) AS false_discovery_rate
    FROM ranked
)
SELECT
    i.kind,
    i.issue,
    i.period,
    c.reviews,
    c.negative,
    c.negative / c.reviews AS negative_share,
    i.measure,
    coalesce(i.measured_share, c.negative / p.reviews) AS share,
    i.previous_share,
    i.log_odds,
    i.z
FROM controlled AS i
JOIN duckmark.issue_counts AS c
    ON c.kind = i.kind AND c.issue = i.issue AND c.period IS NOT DISTINCT FROM i.period
JOIN duckmark.feedback_periods AS p
    ON p.period IS NOT DISTINCT FROM i.period
WHERE i.z > 1.96
    AND i.false_discovery_rate <= CASE WHEN i.period IS NULL THEN 0.05 ELSE 0.01 END
    AND coalesce(i.log_odds, ln(2)) >= ln(2)
    AND c.negative >= 5
QUALIFY row_number() OVER (PARTITION BY i.kind, i.issue, i.period ORDER BY i.z DESC, i.measure) = 1
ORDER BY i.kind, i.issue, i.period NULLS FIRST;
