-- A quote of no more than 240 characters.
CREATE MACRO duckmark.shortened(quotation) AS
    CASE WHEN length(quotation) > 240 THEN concat(trim(left(quotation, 239)), '…') ELSE quotation END;
