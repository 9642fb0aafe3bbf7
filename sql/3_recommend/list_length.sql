-- One row: how many products the longest stored list has; a shorter one lacks nothing. Who asks for no more needs no
-- scores.
CREATE TABLE duckmark.list_length AS
SELECT coalesce(max(rank), 0) AS longest
FROM duckmark.recommendation_lists;
