-- One row is a user in the segment that says where they stand with the shop (recency, frequency, money):
-- champions, loyal, at risk, new, promising, occasional, lapsed; prospects have no events yet.
-- primary key: user_id
CREATE TABLE duckmark.user_segments AS
WITH standing AS (
    SELECT
        u.user_id,
        b.visits,
        b.visits >= c.frequent_visits AS is_frequent,
        coalesce(b.spend > 0 AND b.spend >= c.high_spend, false) AS is_high_spender,
        date_diff('day', b.last_at, s.as_of) AS recency_days,
        c.recent_days,
        c.lapsed_days
    FROM duckmark.users AS u
    LEFT JOIN duckmark.user_behaviour AS b
        ON b.user_id = u.user_id
    CROSS JOIN duckmark.segment_cuts AS c
    CROSS JOIN (SELECT max(last_at) AS as_of FROM duckmark.user_behaviour) AS s
)
SELECT
    user_id,
    recency_days,
    CASE
        WHEN visits IS NULL THEN 'prospect'
        WHEN recency_days IS NULL AND is_frequent THEN 'loyal'
        WHEN recency_days IS NULL THEN 'occasional'
        WHEN is_frequent AND recency_days > lapsed_days THEN 'at risk'
        WHEN is_frequent AND is_high_spender THEN 'champion'
        WHEN is_frequent THEN 'loyal'
        WHEN recency_days > lapsed_days THEN 'lapsed'
        WHEN visits = 1 AND recency_days <= recent_days THEN 'new'
        WHEN recency_days <= recent_days THEN 'promising'
        ELSE 'occasional'
    END AS segment
FROM standing
ORDER BY user_id;
