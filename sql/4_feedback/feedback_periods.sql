-- One row is a month with written feedback, with its place in time, or all of it where the period is NULL:
-- how many reviews have words, and how many of these are negative.
CREATE VIEW duckmark.feedback_periods AS
WITH months AS (
    SELECT
        CAST(date_trunc('month', happened_at) AS DATE) AS month,
        label
    FROM duckmark.reviews
    WHERE len(terms) > 0
)
SELECT
    month AS period,
    row_number() OVER (ORDER BY month NULLS FIRST) AS place,
    count(*) AS reviews,
    count(CASE WHEN label = 'negative' THEN 1 END) AS negative
FROM months
GROUP BY GROUPING SETS ((), (month))
HAVING grouping(month) = 1 OR month IS NOT NULL;
