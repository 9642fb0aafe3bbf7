-- The words of a sentence with a blank before and behind each, among which a spelling is looked up in blanks.
CREATE MACRO duckmark.words_around(said, said_in) AS
    concat(' ', array_to_string(tokenize(said, language := said_in), ' '), ' ');
