-- What the shop's own sentiment is learned from in a text: its words in lower case, stop words and all, each marked
-- where one of the three before it negates, then the pairs of neighbours. In scripts that are written without spaces
-- a character stands for a word; exclamation marks, question marks and emoji are words too.
-- (Negation as in Pang, Lee & Vaithyanathan 2002; pairs of words as in Wang & Manning 2012.)
CREATE MACRO duckmark.sentiment_terms(txt) AS list_transform(
    list_transform(
        list_transform(
            [regexp_extract_all(
                lower(replace(txt, '’', '''')),
                '[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{So}!?]'
                || '|[^\p{P}\p{S}\p{Z}\p{C}\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]+'
                || '(?:''[^\p{P}\p{S}\p{Z}\p{C}\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]+)*'
            )],
            lambda said: {
                'words': said,
                'negates': list_transform(
                    said,
                    lambda negator: regexp_full_match(
                        negator,
                        'no|not|never|none|nothing|neither|nor|nowhere|cannot|without|hardly|barely|scarcely|rarely'
                        || '|seldom|.*n''t|(?:ai|are|ca|could|did|does|do|had|has|have|is|should|was|were|wo|would)nt'
                    )
                )
            }
        ),
        lambda parsed: list_transform(
            parsed.words,
            lambda word, place: CASE
                WHEN list_contains(parsed.negates[greatest(place - 3, 1) : place - 1], true) THEN 'NOT_' || word
                ELSE word
            END
        )
    ),
    lambda marked: marked || list_transform(marked[2:], lambda second, place: marked[place] || ' ' || second)
)[1];
