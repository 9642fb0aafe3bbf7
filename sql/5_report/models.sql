-- One row is a model of this file: what it is, what it was trained on and when, how it did, or why it was
-- skipped. `is_stale` says that events have come since: a rebuild would train it on them too.
CREATE VIEW models AS
SELECT
    m.model,
    m.kind,
    m.status,
    m.reason,
    m.rows,
    m.options,
    m.metrics,
    m.data_digest <> s.data_digest AS is_stale,
    m.data_digest,
    m.trained_at,
    m.seconds
FROM duckmark.model_runs AS m
CROSS JOIN (
    SELECT md5(string_agg(l.digest, ' ' ORDER BY l.source_id)) AS data_digest
    FROM duckmark.sources AS l
    WHERE l.role = 'events'
) AS s
ORDER BY m.trained_at, m.model;
