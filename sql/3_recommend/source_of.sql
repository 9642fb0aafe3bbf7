-- What of a user's own taste speaks for a product, by the evidence that there is; 'popular' where nothing does.
CREATE MACRO duckmark.source_of(content, collaborative, items, factors) AS
CASE
    WHEN (content > 0)::INT + (collaborative > 0)::INT + (items > 0)::INT + (factors > 0)::INT > 1 THEN 'hybrid'
    WHEN content > 0 THEN 'content'
    WHEN collaborative > 0 THEN 'collaborative'
    WHEN items > 0 THEN 'items'
    WHEN factors > 0 THEN 'factors'
    ELSE 'popular'
END;
