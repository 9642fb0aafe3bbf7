-- Collaborative score: the dot product of neighbours' similarities and their ratings (0.8 x 4.5 = 3.6).
-- NULL without a neighbour. (User-based collaborative filtering, Resnick et al. 1994, unnormalised.)
CREATE MACRO cf_score(similarities, ratings) AS CASE
    WHEN len(similarities) > 0
        THEN list_dot_product(CAST(similarities AS DOUBLE[]), CAST(ratings AS DOUBLE[]))
END;
