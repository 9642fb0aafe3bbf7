-- An id that `duckmark.clean_id` cleaned, NULL where what was written says that there is none.
CREATE MACRO duckmark.known_id(cleaned) AS
CASE WHEN lower(cleaned) NOT IN ('', 'nan', 'null', 'none') THEN cleaned END;
