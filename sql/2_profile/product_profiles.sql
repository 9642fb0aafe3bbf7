-- One row is a product: what it is, what it is known for, how it sells and pleases, and its profile as a unit
-- vector.
CREATE VIEW product_profiles AS
SELECT
    p.product_id,
    p.title,
    p.category,
    p.price,
    k.keywords,
    k.keyword_weights,
    n.users,
    n.events,
    n.units,
    n.revenue,
    n.popularity,
    n.mean_rating,
    n.satisfaction,
    p.description,
    p.attributes,
    v.vector
FROM duckmark.products AS p
LEFT JOIN duckmark.product_popularity AS n
    ON n.product_id = p.product_id
LEFT JOIN duckmark.product_keywords AS k
    ON k.product_id = p.product_id
LEFT JOIN duckmark.product_vectors AS v
    ON v.product_id = p.product_id;
