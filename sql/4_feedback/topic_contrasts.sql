-- One row is a topic over all feedback, and whether its reviews are negative more often than all others: a
-- two-proportion z test.
CREATE VIEW duckmark.topic_contrasts AS
WITH compared AS (
    SELECT
        c.*,
        p.reviews - c.reviews AS other_reviews,
        p.negative - c.negative AS other_negative,
        p.negative / p.reviews AS pooled
    FROM duckmark.issue_counts AS c
    JOIN duckmark.feedback_periods AS p
        ON p.period IS NULL
    WHERE c.kind = 'topic' AND c.period IS NULL AND p.reviews > c.reviews
)
SELECT
    issue,
    (negative / reviews - other_negative / other_reviews)
        / nullif(sqrt(pooled * (1 - pooled) * (1 / reviews + 1 / other_reviews)), 0) AS z
FROM compared;
