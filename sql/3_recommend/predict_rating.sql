-- How many stars a user would give a product: the mean of all ratings + the user's bias + the product's bias + the dot
-- product of their factors, held to the scale. Of whom or what no rating is known nothing is added. NULL where the
-- shop has too few ratings to learn from.
CREATE MACRO predict_rating(for_user, for_product) AS (
    SELECT least(greatest(expected_stars, lowest_stars), highest_stars)
    FROM (
        SELECT
            rm.lowest AS lowest_stars,
            rm.highest AS highest_stars,
            rm.mean + coalesce(ur.bias, 0) + coalesce(pr.bias, 0)
                + coalesce(list_dot_product(CAST(ur.factors AS DOUBLE[]), CAST(pr.factors AS DOUBLE[])), 0)
                AS expected_stars
        FROM (SELECT CAST(for_user AS VARCHAR) AS asked_user, CAST(for_product AS VARCHAR) AS asked_product) AS asked
        CROSS JOIN duckmark.rating_means AS rm
        LEFT JOIN duckmark.user_ratings AS ur
            ON ur.user_id = asked.asked_user
        LEFT JOIN duckmark.product_ratings AS pr
            ON pr.product_id = asked.asked_product
    )
);
