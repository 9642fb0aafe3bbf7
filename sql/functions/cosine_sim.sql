-- Cosine of two vectors of one length; NULL where either is NULL, empty or all zero.
CREATE MACRO cosine_sim(a, b) AS CASE
    WHEN isfinite(list_cosine_similarity(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[])))
        THEN list_cosine_similarity(CAST(a AS DOUBLE[]), CAST(b AS DOUBLE[]))
END;
