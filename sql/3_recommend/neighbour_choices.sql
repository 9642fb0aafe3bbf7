-- One row is what one user, who is a neighbour of others, has shown of a product, as in `duckmark.interactions`. In a
-- large shop neighbours are sought among some users, so that these rows are few.
CREATE TABLE duckmark.neighbour_choices AS
SELECT
    i.user_id AS neighbour_id,
    i.product_id,
    i.preference
FROM duckmark.interactions AS i
WHERE i.user_id IN (SELECT n.neighbour_id FROM duckmark.user_neighbours AS n)
ORDER BY i.user_id, i.product_id;
