-- One row is a user with the ten terms that say most of their taste: the highest weight x idf,
-- which stands beside each.
-- key: user_id
CREATE TABLE duckmark.user_keywords AS
SELECT
    user_id,
    list(term ORDER BY importance DESC, term) AS keywords,
    list(importance ORDER BY importance DESC, term) AS keyword_weights
FROM (
    SELECT
        u.user_id,
        u.term,
        u.weight * t.idf AS importance
    FROM duckmark.user_terms AS u
    JOIN duckmark.terms AS t
        ON t.term = u.term
    WHERE u.weight > 0
    QUALIFY row_number() OVER (PARTITION BY u.user_id ORDER BY u.weight * t.idf DESC, u.term) <= 10
)
GROUP BY user_id
ORDER BY user_id;
