-- One row is a segment: how many people are in it and how they behave on average.
CREATE VIEW segments AS
SELECT
    s.segment,
    count(*) AS users,
    count(*) / sum(count(*)) OVER () AS share,
    avg(b.visits) AS mean_visits,
    avg(b.orders) AS mean_orders,
    avg(b.spend) AS mean_spend,
    sum(b.spend) AS spend,
    median(s.recency_days) AS median_recency_days
FROM duckmark.user_segments AS s
LEFT JOIN duckmark.user_behaviour AS b
    ON b.user_id = s.user_id
GROUP BY s.segment
ORDER BY users DESC;
