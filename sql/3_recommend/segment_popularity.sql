-- One row is how popular a product is in one segment, on a scale where the segment's favourite has 1.
-- What people of a kind like is the first thing to show those of whose own taste nothing is known.
CREATE TABLE duckmark.segment_popularity AS
SELECT
    s.segment,
    i.product_id,
    count(*) AS users,
    ln(1 + count(*)) / max(ln(1 + count(*))) OVER (PARTITION BY s.segment) AS popularity
FROM duckmark.interactions AS i
JOIN duckmark.user_segments AS s
    ON s.user_id = i.user_id
WHERE i.preference > 0
GROUP BY s.segment, i.product_id
ORDER BY s.segment, popularity DESC, i.product_id;
