-- The features of a person and a product, in the order of `duckmark.ranker.features`, from a row of
-- `duckmark.scored_users` (or one like it), one of `duckmark.scored_products`, what the two say of each other, and
-- evidence; NULL is what is not known or not there. Where many are scored, their profiles and factors are multiplied
-- before anything is joined to them or left out, as to take some rows of many copies their arrays.
--   content         cosine of the two profiles, which are unit vectors
--   collaborative   sum over the user's neighbours of similarity share x preference for the product
--   items           sum over the user's history of its weight x what that product says of this one
--   factors         dot product of the two factors
--   category_share  share of the product's category in what the user chose
--   price_gap       distance between the logarithms of its price and of what they pay
-- and what is known of the product (`duckmark.product_features`) and the user (`duckmark.user_features`) alone.
CREATE MACRO duckmark.features(
    user_price, history, away,
    product_price, popularity, recent, idle, age, satisfaction,
    content, factors, collaborative, items, category_share
) AS [
    coalesce(content, 0),
    coalesce(collaborative, 0),
    coalesce(items, 0),
    coalesce(factors, 0),
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
