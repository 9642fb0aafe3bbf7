-- The k users to tell about a product, best first: those with the highest score for it who do not have it yet.
CREATE MACRO audience(for_product, k := 10) AS TABLE
SELECT
    row_number() OVER (ORDER BY s.score DESC, s.user_id) AS rank,
    s.user_id,
    us.segment,
    s.score,
    s.content,
    s.collaborative,
    s.popularity
FROM duckmark.scores AS s
JOIN duckmark.user_segments AS us
    ON us.user_id = s.user_id
ANTI JOIN (
    SELECT i.user_id
    FROM duckmark.interactions AS i
    WHERE i.product_id = CAST(for_product AS VARCHAR)
) AS owners
    ON owners.user_id = s.user_id
WHERE s.product_id = CAST(for_product AS VARCHAR)
QUALIFY row_number() OVER (ORDER BY s.score DESC, s.user_id) <= k
ORDER BY rank;
