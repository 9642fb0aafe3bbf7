-- A profile as an array, all of this file's being of one length: DuckDB reads the arrays of a few rows here and there by
-- themselves, of lists 2,048 rows around each.
-- length: duckmark.terms.vector
CREATE MACRO duckmark.as_profile(listed) AS CAST(listed AS FLOAT[1]);
