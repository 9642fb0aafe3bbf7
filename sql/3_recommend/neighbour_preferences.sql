-- One row is what a user's neighbours together think of a product: the sum of share x preference, a share being
-- the neighbour's similarity as a part of all the user's neighbours' (so that the best a product can get is 1).
CREATE VIEW duckmark.neighbour_preferences AS
SELECT
    n.user_id,
    i.product_id,
    sum(n.share * i.preference) AS preference,
    count(*) AS neighbours
FROM duckmark.user_neighbours AS n
JOIN duckmark.interactions AS i
    ON i.user_id = n.neighbour_id
GROUP BY n.user_id, i.product_id;
