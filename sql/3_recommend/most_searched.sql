-- How many products of a very large catalogue a search may look up, before it had better compare all in one go.
CREATE MACRO duckmark.most_searched() AS 1024;
