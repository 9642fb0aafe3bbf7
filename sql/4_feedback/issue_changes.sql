-- One row is an issue in a month, and whether more of that month's reviews complain of it than of the reviews
-- of the last month with feedback before it: a two-proportion z test of negative reviews about it among all
-- written ones. Issues with fewer than 10 negative reviews in the two months together are too few to test.
CREATE VIEW duckmark.issue_changes AS
WITH compared AS (
    SELECT
        c.kind,
        c.issue,
        c.period,
        c.negative,
        coalesce(e.negative, 0) AS previous_negative,
        latest.reviews AS all_reviews,
        earlier.reviews AS previous_reviews
    FROM duckmark.issue_counts AS c
    JOIN duckmark.feedback_periods AS latest
        ON latest.period = c.period
    JOIN duckmark.feedback_periods AS earlier
        ON earlier.place = latest.place - 1 AND earlier.period IS NOT NULL
    LEFT JOIN duckmark.issue_counts AS e
        ON e.kind = c.kind AND e.issue = c.issue AND e.period = earlier.period
    WHERE c.negative + coalesce(e.negative, 0) >= 10
),
pooled AS (
    SELECT
        *,
        (negative + previous_negative) / (all_reviews + previous_reviews) AS pooled
    FROM compared
)
SELECT
    kind,
    issue,
    period,
    negative / all_reviews AS share,
    previous_negative / previous_reviews AS previous_share,
    (negative / all_reviews - previous_negative / previous_reviews)
        / nullif(sqrt(pooled * (1 - pooled) * (1 / all_reviews + 1 / previous_reviews)), 0) AS z
FROM pooled;
