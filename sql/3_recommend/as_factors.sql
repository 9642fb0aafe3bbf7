-- Factors as an array, all of this file's being of one length, as `duckmark.as_profile` does it.
-- length: duckmark.product_factors.factors
CREATE MACRO duckmark.as_factors(listed) AS CAST(listed AS FLOAT[1]);
