-- One row is an issue in a month, and whether it rose against the last month with feedback before it, by one of two
-- measures: `complaints`, the negative reviews about it among all written ones, and `negativity`, those among the
-- reviews about it. `z` is that of two proportions; `chance` is the exact one that so many or more of the negative
-- reviews of both months fall into the later if the months do not differ (Fisher 1935, one-sided; the hypergeometric
-- distribution). Issues with fewer than 10 negative reviews in the two months together are too few to test.
CREATE VIEW duckmark.issue_changes AS
WITH compared AS (
    SELECT
        c.kind,
        c.issue,
        c.period,
        c.negative,
        coalesce(e.negative, 0) AS previous_negative,
        c.reviews,
        coalesce(e.reviews, 0) AS previous_reviews,
        latest.reviews AS all_reviews,
        earlier.reviews AS previous_all
    FROM duckmark.issue_counts AS c
    JOIN duckmark.feedback_periods AS latest
        ON latest.period = c.period
    JOIN duckmark.feedback_periods AS earlier
        ON earlier.place = latest.place - 1 AND earlier.period IS NOT NULL
    LEFT JOIN duckmark.issue_counts AS e
        ON e.kind = c.kind AND e.issue = c.issue AND e.period = earlier.period
    WHERE c.negative + coalesce(e.negative, 0) >= 10
),
measured AS (
    SELECT
        kind,
        issue,
        period,
        'complaints' AS measure,
        negative,
        previous_negative,
        all_reviews AS total,
        previous_all AS previous_total
    FROM compared
    UNION ALL
    SELECT
        kind,
        issue,
        period,
        'negativity',
        negative,
        previous_negative,
        reviews,
        previous_reviews
    FROM compared
    WHERE previous_reviews > 0
),
pooled AS (
    SELECT
        *,
        negative + previous_negative AS both_negative,
        total + previous_total AS both_total,
        (negative + previous_negative) / (total + previous_total) AS pooled
    FROM measured
)
SELECT
    kind,
    issue,
    period,
    measure,
    negative / total AS share,
    previous_negative / previous_total AS previous_share,
    (negative / total - previous_negative / previous_total)
        / nullif(sqrt(pooled * (1 - pooled) * (1 / total + 1 / previous_total)), 0) AS z,
    list_sum(list_transform(
        range(negative, least(both_negative, total) + 1),
        lambda later: CASE
            WHEN both_negative - later <= previous_total
                THEN exp(
                    lgamma(total + 1) - lgamma(later + 1) - lgamma(total - later + 1)
                    + lgamma(previous_total + 1) - lgamma(both_negative - later + 1)
                    - lgamma(previous_total - both_negative + later + 1)
                    - lgamma(both_total + 1) + lgamma(both_negative + 1) + lgamma(both_total - both_negative + 1)
                )
            ELSE 0
        END
    )) AS chance
FROM pooled;
