-- One row is a model of this file: what it is, what it was trained on and when, how it did, or why it was
-- skipped.
CREATE VIEW models AS
SELECT
    model,
    kind,
    status,
    reason,
    rows,
    options,
    metrics,
    data_digest,
    trained_at,
    seconds
FROM duckmark.model_runs
ORDER BY trained_at, model;
