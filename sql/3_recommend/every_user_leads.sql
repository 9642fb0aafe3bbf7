-- Whether all users lead (`duckmark.scored_users`), as they do in all but very large shops.
-- settled
CREATE MACRO duckmark.every_user_leads() AS (
    SELECT coalesce(bool_and(su.leads), true)
    FROM duckmark.scored_users AS su
);
