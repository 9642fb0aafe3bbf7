-- The idf of a word that no product has: that of the rarest.
-- settled
CREATE MACRO duckmark.rarest_idf() AS (
    SELECT coalesce(max(t.idf), 1)
    FROM duckmark.terms AS t
);
