-- One row is an issue in a month, or in all feedback where the period is NULL: how many reviews are about it,
-- and how many of these are positive and negative. Undated reviews count in all feedback only.
CREATE TABLE duckmark.issue_counts AS
SELECT
    kind,
    issue,
    month AS period,
    count(*) AS reviews,
    count(CASE WHEN label = 'positive' THEN 1 END) AS positive,
    count(CASE WHEN label = 'negative' THEN 1 END) AS negative
FROM duckmark.mentions
GROUP BY GROUPING SETS ((kind, issue), (kind, issue, month))
HAVING grouping(month) = 1 OR month IS NOT NULL
ORDER BY kind, issue, period NULLS FIRST;
