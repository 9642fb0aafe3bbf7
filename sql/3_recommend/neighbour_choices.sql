-- One row is what one user, among whom neighbours of others are sought, has shown of a product, as in
-- `duckmark.interactions`. In a large shop these are some of the users, so that the rows are few.
-- key: user_id
-- dictionary
CREATE TABLE duckmark.neighbour_choices AS
SELECT
    i.user_id,
    i.product_id,
    i.preference
FROM duckmark.interactions AS i
JOIN duckmark.compared_users AS c
    ON c.user_id = i.user_id
ORDER BY i.user_id, i.product_id;
