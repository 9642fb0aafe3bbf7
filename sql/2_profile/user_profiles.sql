-- One row is a user: where they stand, what they like, how they behave, what is known of them, and their
-- profile as a unit vector.
CREATE VIEW user_profiles AS
SELECT
    u.user_id,
    s.segment,
    k.keywords,
    k.keyword_weights,
    b.favourite_categories,
    b.favourite_channel,
    s.recency_days,
    b.visits,
    b.orders,
    b.events,
    b.products,
    b.units,
    b.spend,
    b.mean_rating,
    b.first_at,
    b.last_at,
    u.attributes,
    v.vector
FROM duckmark.users AS u
LEFT JOIN duckmark.user_segments AS s
    ON s.user_id = u.user_id
LEFT JOIN duckmark.user_behaviour AS b
    ON b.user_id = u.user_id
LEFT JOIN duckmark.user_keywords AS k
    ON k.user_id = u.user_id
LEFT JOIN duckmark.user_vectors AS v
    ON v.user_id = u.user_id;
