-- How many products the longest stored list has; a shorter one lacks nothing. Who asks for no more needs no scores.
-- settled
CREATE MACRO duckmark.list_length() AS (
    SELECT coalesce(max(rl.rank), 0)
    FROM duckmark.recommendation_lists AS rl
);
