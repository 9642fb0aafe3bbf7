-- One row is a topic or term that people complain of, worst first. Where the period is NULL it stands out in
-- all feedback, against all that people say (z of its negative share for a topic, of its log-odds for a
-- term); else it has risen in that month, against the month before: `share` is how many of the month's
-- reviews complain of it (measure `complaints`), or how many of those about it do (`negativity`). Only what passes
-- z > 1.96 and the control of false alarms in duckmark.issues is listed.
CREATE VIEW hot_issues AS
SELECT
    i.kind,
    i.issue,
    i.period,
    i.reviews,
    i.negative,
    round(i.negative_share, 4) AS negative_share,
    i.measure,
    round(i.share, 4) AS share,
    round(i.previous_share, 4) AS previous_share,
    round(i.share - i.previous_share, 4) AS change,
    round(i.log_odds, 3) AS log_odds,
    round(i.z, 2) AS z,
    q.quote AS example
FROM duckmark.issues AS i
LEFT JOIN duckmark.issue_quotes AS q
    ON q.kind = i.kind AND q.issue = i.issue AND q.period IS NOT DISTINCT FROM i.period
ORDER BY i.z DESC, i.kind, i.issue, i.period;
