-- One row is a quality measure of the recommender on events it had not seen, beside popularity as the baseline:
-- its mean over users (all, or those of one segment) with a 95 percent interval. The whole catalogue is ranked. Where
-- held-out events have ratings, 'rmse' and 'mae' say by how many stars `predict_rating` (model 'ratings') missed them,
-- beside user and product biases alone ('biases') and the mean of all ratings ('mean'); these have no k.
CREATE VIEW evaluation AS
SELECT
    model,
    metric,
    k,
    segment,
    value,
    low,
    high,
    users,
    protocol,
    split_at
FROM duckmark.evaluation_results
ORDER BY segment NULLS FIRST, metric, value DESC;
