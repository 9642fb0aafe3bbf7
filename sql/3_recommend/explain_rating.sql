-- Why a user would give a product so many stars: one row a part, with the stars it adds. The contributions add up to
-- what `predict_rating` gives before it is held to the scale.
--   mean     the mean of all ratings
--   user     how much higher or lower than others the user rates
--   product  how much higher or lower than others the product is rated
--   item     a product the user rated. Their factors are linear in their ratings r: they are the sum over these of
--            K (f (r - mean - bias) - c), where K is the covariance of the user's factors and bias / variance of the
--            noise, f the rated product's factors and a 1, c the covariance of its factors with its bias and a 0.
-- Like every table macro it is asked as FROM explain_rating(user, product).
CREATE MACRO explain_rating(for_user, for_product) AS TABLE
WITH person AS (
    SELECT
        ur.bias,
        ur.covariance
    FROM duckmark.user_ratings AS ur
    WHERE ur.user_id = CAST(for_user AS VARCHAR)
),
target AS (
    SELECT
        pr.product_id,
        pr.bias,
        CAST(pr.factors AS DOUBLE[]) AS factors
    FROM duckmark.product_ratings AS pr
    WHERE pr.product_id = CAST(for_product AS VARCHAR)
),
covariances AS (
    SELECT
        CAST(unnest(ps.covariance) AS DOUBLE[]) AS covariance,
        generate_subscripts(ps.covariance, 1) AS place
    FROM person AS ps
),
-- The product's factors times K: those of the user's factors, and last that of their bias.
gains AS (
    SELECT list(list_dot_product(list_slice(cv.covariance, 1, len(tg.factors)), tg.factors) / rm.noise ORDER BY cv.place) AS gain
    FROM covariances AS cv
    CROSS JOIN target AS tg
    CROSS JOIN duckmark.rating_means AS rm
),
rated AS (
    SELECT
        r.product_id,
        r.rating,
        r.rating - rm.mean - pr.bias AS above,
        CAST(pr.factors || [1] AS DOUBLE[]) AS factors,
        CAST(list_slice(pr.covariance[-1], 1, len(pr.factors)) || [0] AS DOUBLE[]) AS shared
    FROM duckmark.ratings AS r
    JOIN duckmark.product_ratings AS pr
        ON pr.product_id = r.product_id
    CROSS JOIN duckmark.rating_means AS rm
    WHERE r.user_id = CAST(for_user AS VARCHAR)
),
parts AS (
    SELECT
        'item' AS kind,
        rt.product_id AS item,
        'rated ' || round(rt.rating, 1) || ': ' || coalesce(p.title, rt.product_id) AS detail,
        list_dot_product(g.gain, rt.factors) * rt.above - list_dot_product(g.gain, rt.shared) AS contribution
    FROM rated AS rt
    CROSS JOIN gains AS g
    LEFT JOIN duckmark.products AS p
        ON p.product_id = rt.product_id
    WHERE g.gain IS NOT NULL
    UNION ALL
    SELECT
        'user',
        CAST(for_user AS VARCHAR),
        'how they rate',
        ps.bias
    FROM person AS ps
    UNION ALL
    SELECT
        'product',
        tg.product_id,
        'how it is rated',
        tg.bias
    FROM target AS tg
    UNION ALL
    SELECT
        'mean',
        NULL,
        'the mean of all ratings',
        rm.mean
    FROM duckmark.rating_means AS rm
)
SELECT
    kind,
    item,
    detail,
    contribution
FROM parts
ORDER BY kind <> 'mean', kind = 'item', abs(contribution) DESC, item;
