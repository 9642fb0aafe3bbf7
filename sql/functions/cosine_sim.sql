-- Cosine of two vectors of one length; NULL where either is NULL, empty or all zero, or where the product of their
-- squared lengths is near the limits of DOUBLE: there DuckDB before 2.0 says 0, or -1 of a NaN.
CREATE MACRO cosine_sim(a, b) AS CASE
    WHEN list_dot_product(CAST(a AS DOUBLE[]), CAST(a AS DOUBLE[]))
        * list_dot_product(CAST(b AS DOUBLE[]), CAST(b AS DOUBLE[])) BETWEEN 1e-300 AND 1e300
        THEN list_cosine_similarity(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]))
END;
