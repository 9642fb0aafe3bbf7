-- Cosine of two vectors of one length; NULL where either is NULL, empty or all zero.
CREATE MACRO cosine_sim(a, b) AS CASE
    WHEN list_dot_product(CAST(a AS DOUBLE[]), CAST(a AS DOUBLE[])) > 0
        AND list_dot_product(CAST(b AS DOUBLE[]), CAST(b AS DOUBLE[])) > 0
        THEN list_cosine_similarity(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]))
END;
