-- One row is a product in a user's history, with what it weighs when products that go with it are sought: 1 for the
-- last, half as much for every half year before it, and minus a quarter of that for a dislike; and what they have shown
-- of it, as in `duckmark.interactions`.
-- key: user_id
-- parts
-- dictionary
CREATE TABLE duckmark.histories AS
SELECT
    user_id,
    product_id,
    rating,
    preference,
    duckmark.strength(CASE WHEN preference < 0 THEN -1 ELSE 1 END)
        * coalesce(power(0.5, date_diff('day', last_at, max(last_at) OVER (PARTITION BY user_id)) / 180.0), 1) AS weight
FROM duckmark.interactions
ORDER BY user_id, product_id;
