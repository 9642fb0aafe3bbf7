-- How well a product fits a search: half by meaning (the cosine of its vector with the query's), half by words (the share
-- of the query's words, by idf, that stand in the product's own text).
CREATE MACRO duckmark.search_score(likeness, share) AS (coalesce(likeness, 0) + coalesce(share, 0)) / 2;
