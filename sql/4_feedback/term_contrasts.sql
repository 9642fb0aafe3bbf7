-- One row is a term over all feedback, and how much more negative reviews use it than positive ones: the
-- log-odds ratio with an informative Dirichlet prior, which keeps rare terms near zero, and its z (Monroe,
-- Colaresi & Quinn 2008, "Fightin' Words", equations 16 to 22). The prior is a tenth of all mentions.
CREATE VIEW duckmark.term_contrasts AS
WITH smoothed AS (
    SELECT
        issue,
        negative + reviews / 10 AS in_negative,
        positive + reviews / 10 AS in_positive,
        sum(negative) OVER () + sum(reviews) OVER () / 10 AS all_negative,
        sum(positive) OVER () + sum(reviews) OVER () / 10 AS all_positive
    FROM duckmark.issue_counts
    WHERE kind = 'term' AND period IS NULL
),
odds AS (
    SELECT
        issue,
        ln(in_negative / nullif(all_negative - in_negative, 0))
            - ln(in_positive / nullif(all_positive - in_positive, 0)) AS log_odds,
        sqrt(1 / in_negative + 1 / in_positive) AS deviation
    FROM smoothed
)
SELECT
    issue,
    log_odds,
    log_odds / deviation AS z
FROM odds;
