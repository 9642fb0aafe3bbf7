-- The features of a person and a product, in the order of `duckmark.ranker.features`, from a row of
-- `duckmark.scored_users` (or one like it), one of `duckmark.scored_products`, and evidence that is NULL where there is
-- none.
--   content         cosine of the two profiles, which are unit vectors
--   collaborative   sum over the user's neighbours of similarity share x preference for the product
--   items           sum over the user's history of its weight x what that product says of this one
--   factors         dot product of the two factors
--   category_share  share of the product's category in what the user chose
--   price_gap       distance between the logarithms of its price and of what they pay
-- and what is known of the product (`duckmark.product_features`) and the user (`duckmark.user_features`) alone.
CREATE MACRO duckmark.features(
    user_vector, user_factors, user_price, history, away,
    product_vector, product_factors, product_price, popularity, recent, idle, age, satisfaction,
    collaborative, items, category_share
) AS [
    coalesce(list_dot_product(user_vector, product_vector), 0),
    coalesce(collaborative, 0),
    coalesce(items, 0),
    coalesce(list_dot_product(user_factors, product_factors), 0),
    coalesce(category_share, 0),
    coalesce(abs(user_price - product_price), 0),
    popularity,
    recent,
    idle,
    age,
    coalesce(product_price, 0),
    satisfaction,
    history,
    away
]::DOUBLE[];
