-- Whether a sentence has the length of a quote.
CREATE MACRO duckmark.is_quotable(quotation) AS
    length(quotation) BETWEEN 40 AND 160;
