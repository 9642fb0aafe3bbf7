-- One row is a term of a user, from the own text of the products they took and from what they wrote, with its
-- weight in their profile: ln(1 + sum), the sum taking each product's preference and each own review's words.
-- What they disliked counts against a term, at a quarter (Rocchio 1971), so weights may be negative.
-- key: user_id
-- parts
-- dictionary
CREATE TABLE duckmark.user_terms AS
WITH evidence AS (
    SELECT
        i.user_id,
        p.term,
        duckmark.strength(i.preference) AS strength
    FROM duckmark.interactions AS i
    JOIN duckmark.product_terms AS p
        ON p.product_id = i.product_id AND p.own_count > 0
    UNION ALL
    SELECT
        r.user_id,
        unnest(r.terms) AS term,
        duckmark.strength(duckmark.opinion(r.satisfaction)) AS strength
    FROM duckmark.reviews AS r
    WHERE r.user_id IS NOT NULL
),
sums AS (
    SELECT
        user_id,
        term,
        sum(CAST(strength AS DECIMAL(18, 6))) AS strength
    FROM evidence
    GROUP BY user_id, term
)
SELECT
    user_id,
    term,
    sign(strength) * ln(1 + abs(strength)) AS weight
FROM sums
WHERE strength <> 0
ORDER BY user_id, term;
