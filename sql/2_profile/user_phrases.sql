-- One row is a phrase of a user, with its weight in their profile, made as that of a term in duckmark.user_terms.
-- key: user_id
-- parts
CREATE TABLE duckmark.user_phrases AS
WITH evidence AS (
    SELECT
        i.user_id,
        p.phrase,
        duckmark.strength(i.preference) AS strength
    FROM duckmark.interactions AS i
    JOIN duckmark.product_phrases AS p
        ON p.product_id = i.product_id AND p.own_count > 0
    UNION ALL
    SELECT
        r.user_id,
        unnest(t.phrases) AS phrase,
        duckmark.strength(duckmark.opinion(r.satisfaction)) AS strength
    FROM duckmark.reviews AS r
    JOIN duckmark.review_terms AS t
        ON t.event_id = r.event_id
    WHERE r.user_id IS NOT NULL
),
sums AS (
    SELECT
        user_id,
        phrase,
        sum(CAST(strength AS DECIMAL(18, 6))) AS strength
    FROM evidence
    GROUP BY user_id, phrase
)
SELECT
    user_id,
    phrase,
    sign(strength) * ln(1 + abs(strength)) AS weight
FROM sums
WHERE strength <> 0
ORDER BY user_id, phrase;
