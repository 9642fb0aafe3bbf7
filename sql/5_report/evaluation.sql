-- One row is a quality measure of the recommender on events it had not seen: trained on what came before
-- `split_at`, asked what comes after, beside popularity as the baseline.
CREATE VIEW evaluation AS
SELECT
    model,
    metric,
    k,
    value,
    users,
    split_at,
    protocol
FROM duckmark.evaluation_results
ORDER BY metric, k, value DESC;
