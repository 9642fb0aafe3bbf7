-- An array as a list, so that it can be multiplied with lists. DuckDB would take a NULL that is cast for a list of NULLs.
CREATE MACRO duckmark.as_list(held) AS CASE WHEN held IS NOT NULL THEN CAST(held AS FLOAT[]) END;
