-- One row is a user with one of their neighbours, as in `duckmark.user_neighbours`, in the order of the neighbour: those
-- for whom a person's choices speak stand together.
-- key: user_id
-- dictionary
CREATE TABLE duckmark.followers AS
SELECT
    neighbour_id,
    user_id,
    share
FROM duckmark.user_neighbours
ORDER BY neighbour_id, user_id;
