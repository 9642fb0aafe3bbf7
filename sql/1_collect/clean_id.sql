-- An id without the blanks around it, which spreadsheets write without a break too; one that was read as a float
-- ('17850.0') is the integer '17850'. Most need nothing of it.
CREATE MACRO duckmark.clean_id(written) AS
CASE
    WHEN regexp_matches(CAST(written AS VARCHAR), '[.\s\x{A0}]')
        THEN regexp_replace(trim(CAST(written AS VARCHAR), E' \t\r\n' || chr(160)), '^([0-9]+)[.]0+$', '\1')
    ELSE CAST(written AS VARCHAR)
END;
