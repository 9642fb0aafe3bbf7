-- One row says that a review is about an issue: its topic, or one of the terms in it (counted once a review).
-- Left out are terms of fewer than 10 reviews, and those that are no `duckmark.is_objection`.
CREATE VIEW duckmark.mentions AS
WITH words AS (
    SELECT
        event_id,
        unnest(list_distinct(terms)) AS term
    FROM duckmark.review_terms
),
about AS (
    SELECT
        w.event_id,
        'term' AS kind,
        w.term AS issue
    FROM words AS w
    JOIN duckmark.said_terms AS s
        ON s.term = w.term
    WHERE s.reviews >= 10 AND duckmark.is_objection(s.feeling, s.term)
    UNION ALL
    SELECT
        rt.event_id,
        'topic',
        t.label
    FROM duckmark.review_topics AS rt
    JOIN duckmark.topics AS t
        ON t.topic = rt.topic
)
SELECT
    a.event_id,
    a.kind,
    a.issue,
    CAST(date_trunc('month', r.happened_at) AS DATE) AS month,
    r.label
FROM about AS a
JOIN duckmark.reviews AS r
    ON r.event_id = a.event_id;
