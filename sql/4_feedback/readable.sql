-- A text as a reader wants it: white space is one blank, and HTML entities (&#34; &amp;) are what they stand for.
CREATE MACRO duckmark.readable(txt) AS
    replace(
        list_reduce(
            list_prepend(
                replace(replace(replace(replace(replace(
                    regexp_replace(txt, '\s+', ' ', 'g'),
                    '&quot;', '"'), '&lt;', '<'), '&gt;', '>'), '&apos;', ''''), '&nbsp;', ' '),
                list_distinct(regexp_extract_all(txt, '&#[0-9]{2,5};'))
            ),
            lambda decoded, entity: replace(decoded, entity, chr(CAST(entity[3:-2] AS INTEGER)))
        ),
        '&amp;', '&'
    );
