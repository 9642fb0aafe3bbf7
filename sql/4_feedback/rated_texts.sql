-- One row is a text whose writer's stars say whether they were satisfied: four and five they were, one and two they
-- were not. Three say neither. The shop's own sentiment is learned from these.
CREATE VIEW duckmark.rated_texts AS
SELECT
    event_id,
    text,
    rating > 3 AS is_satisfied
FROM duckmark.events
WHERE (rating >= 4 OR rating <= 2) AND regexp_matches(text, '\S');
