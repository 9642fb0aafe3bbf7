-- How many products of a very large catalogue a search compares first: read here and there, so many take as long as a
-- tenth of a million in one go.
CREATE MACRO duckmark.most_searched() AS 1024;
