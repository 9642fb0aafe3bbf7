-- The ranker's score of a list of features, in the order of `duckmark.ranker.features`: a linear part beside a hidden
-- layer of rectified units; a plain weighted sum has no units.
CREATE MACRO duckmark.network_score(x, base, weights, units) AS
    base
    + list_dot_product(weights, x)
    + CASE
        WHEN len(units) > 0
            THEN list_sum(list_transform(
                units,
                lambda unit: unit.output * greatest(0, unit.bias + list_dot_product(unit.weights, x))
            ))
        ELSE 0
    END;
