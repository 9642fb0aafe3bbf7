-- The sentences of a text: cut where an end of sentence has a blank behind it, so that 5.5 stays whole, and behind a
-- Chinese one, which needs none.
CREATE MACRO duckmark.split_sentences(txt) AS
    string_split(regexp_replace(duckmark.readable(txt), '([.!?…]["”'')]*) |([。！？]+["”」』）]*) ?(.)', '\1\2' || chr(10) || '\3', 'g'), chr(10));
