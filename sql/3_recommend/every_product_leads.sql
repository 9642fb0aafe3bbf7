-- Whether all products lead (`duckmark.scored_products`), as they do in all but very large shops.
-- settled
CREATE MACRO duckmark.every_product_leads() AS (
    SELECT coalesce(bool_and(sp.leads), true)
    FROM duckmark.scored_products AS sp
);
