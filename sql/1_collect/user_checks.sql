-- One row is a row of the users source with the verdict on it: the reason why it was dropped, or NULL. Where
-- a user is listed more than once, the newest load counts, and in it the first row.
--
-- key: user_id
CREATE TABLE duckmark.user_checks AS
SELECT
    raw_id,
    source_id,
    user_id,
    CASE
        WHEN user_id IS NULL THEN 'no customer'
        WHEN row_number() OVER (PARTITION BY user_id ORDER BY source_id DESC, raw_id) > 1 THEN 'duplicate'
    END AS reason
FROM duckmark.raw_users
ORDER BY raw_id;
