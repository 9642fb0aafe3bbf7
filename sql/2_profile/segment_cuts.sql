-- The one row holds the cut points of the segments: terciles of recency (days before the last event in the
-- shop), of visits and of spend. Part of the trained model: a refresh keeps it, so that nobody changes segment
-- because somebody else bought.
-- keep
-- model: segments
CREATE TABLE duckmark.segment_cuts AS
SELECT
    quantile_disc(date_diff('day', b.last_at, s.as_of), 0.3333) AS recent_days,
    quantile_disc(date_diff('day', b.last_at, s.as_of), 0.6667) AS lapsed_days,
    greatest(2, quantile_disc(b.visits, 0.6667)) AS frequent_visits,
    quantile_disc(b.spend, 0.6667) AS high_spend
FROM duckmark.user_behaviour AS b
CROSS JOIN (SELECT max(last_at) AS as_of FROM duckmark.user_behaviour) AS s;
