-- The probability that a writer is satisfied: the logistic function of an intercept, the weights of the terms they
-- used in a unit TF-IDF vector, and VADER's score and shares. `scale_row` is the row of duckmark.sentiment_scale.
CREATE MACRO duckmark.satisfied(scale_row, weight_sum, idf_squares, vader) AS round(
    1 / (
        1 + exp(
            -(
                struct_extract(scale_row, 'intercept')
                + coalesce(weight_sum / sqrt(idf_squares), 0)
                + struct_extract(scale_row, 'compound') * struct_extract(vader, 'compound')
                + struct_extract(scale_row, 'pos') * struct_extract(vader, 'pos')
                + struct_extract(scale_row, 'neu') * struct_extract(vader, 'neu')
                + struct_extract(scale_row, 'neg') * struct_extract(vader, 'neg')
                + CASE WHEN struct_extract(vader, 'compound') = 0 THEN struct_extract(scale_row, 'silent') ELSE 0 END
            )
        )
    ),
    6
);
