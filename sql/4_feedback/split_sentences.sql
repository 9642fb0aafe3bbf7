-- The sentences of a text: cut where an end of sentence has a blank behind it, so that 5.5 stays whole.
CREATE MACRO duckmark.split_sentences(txt) AS
    string_split(regexp_replace(duckmark.readable(txt), '([.!?…]["”'')]*) ', '\1' || chr(10), 'g'), chr(10));
