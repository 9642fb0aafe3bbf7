-- Why a product is recommended, in words: `because` is the title of the product in the user's history that goes with it
-- most, takers is how many people of similar taste chose it, and words are the user's own that its text has. Where
-- there is none of these, what speaks for it is a profile or factors that point the same way.
CREATE MACRO duckmark.reason(source, because, takers, words) AS
CASE source
    WHEN 'segment' THEN 'popular in their segment'
    WHEN 'popular' THEN 'popular with everyone'
    ELSE coalesce(
        nullif(concat_ws(
            '; ',
            'goes with ' || because,
            CASE
                WHEN takers = 1 THEN 'one person of similar taste chose it'
                WHEN takers > 1 THEN takers || ' people of similar taste chose it'
            END,
            'in their words: ' || array_to_string(nullif(words, []), ', ')
        ), ''),
        'close to their taste'
    )
END;
