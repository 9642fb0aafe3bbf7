-- One row is a product with its features for a user, in the order of `duckmark.ranker.features`; no rows for a user
-- without events.
--   content         cosine of the two profiles
--   collaborative   sum over the user's neighbours of similarity share x preference for the product
--   items           sum over the user's history of its weight x what that product says of this one
--   factors         dot product of the two factors
--   category_share  share of the product's category in what the user chose
--   price_gap       distance between the logarithms of its price and of what they pay
-- and what is known of the product (`duckmark.product_features`) and the user (`duckmark.user_features`) alone.
CREATE MACRO duckmark.pair_features(for_user) AS TABLE
WITH person AS (
    SELECT
        uf.*,
        uv.vector,
        ft.factors
    FROM duckmark.user_features AS uf
    LEFT JOIN duckmark.user_vectors AS uv
        ON uv.user_id = uf.user_id
    LEFT JOIN duckmark.user_factors AS ft
        ON ft.user_id = uf.user_id
    WHERE uf.user_id = CAST(for_user AS VARCHAR)
),
liked AS (
    SELECT
        i.product_id,
        sum(n.share * i.preference) AS preference
    FROM person AS ps
    JOIN duckmark.user_neighbours AS n
        ON n.user_id = ps.user_id
    JOIN duckmark.interactions AS i
        ON i.user_id = n.neighbour_id
    GROUP BY i.product_id
),
goes_with AS (
    SELECT
        w.for_product_id AS product_id,
        sum(h.weight * w.weight) AS score
    FROM person AS ps
    JOIN duckmark.histories AS h
        ON h.user_id = ps.user_id
    JOIN duckmark.item_weights AS w
        ON w.product_id = h.product_id
    GROUP BY w.for_product_id
),
tastes AS (
    SELECT
        uc.category,
        uc.share
    FROM person AS ps
    JOIN duckmark.user_categories AS uc
        ON uc.user_id = ps.user_id
)
SELECT
    pf.product_id,
    [
        coalesce(list_cosine_similarity(ps.vector, pv.vector), 0),
        coalesce(l.preference, 0),
        coalesce(g.score, 0),
        coalesce(list_dot_product(ps.factors, ft.factors), 0),
        coalesce(t.share, 0),
        coalesce(abs(ps.price - pf.price), 0),
        pf.popularity,
        pf.recent,
        pf.idle,
        pf.age,
        coalesce(pf.price, 0),
        pf.satisfaction,
        ps.history,
        ps.away
    ]::DOUBLE[] AS x
FROM duckmark.product_features AS pf
CROSS JOIN person AS ps
JOIN duckmark.products AS p
    ON p.product_id = pf.product_id
LEFT JOIN duckmark.product_vectors AS pv
    ON pv.product_id = pf.product_id
LEFT JOIN duckmark.product_factors AS ft
    ON ft.product_id = pf.product_id
LEFT JOIN liked AS l
    ON l.product_id = pf.product_id
LEFT JOIN goes_with AS g
    ON g.product_id = pf.product_id
LEFT JOIN tastes AS t
    ON t.category = p.category;
