-- Whether the file knows Chinese words, into which `tokenize` cuts runs of Han characters.
-- settled
CREATE MACRO duckmark.knows_chinese() AS (
    SELECT count(*) > 0
    FROM duckmark.chinese_words
);
