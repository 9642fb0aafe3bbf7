-- Sentiment of a text by VADER: shares of negative, neutral and positive words (neg, neu, pos) and one score
-- from -1 to 1 (compound). Zeros for a text without words, NULL for NULL.
-- (Hutto & Gilbert 2014, rule for rule as NLTK's SentimentIntensityAnalyzer computes it; in a file built with the
-- option `emoji`, on the text with each emoji replaced by its description.)
CREATE MACRO sentiment(txt) AS (
    WITH vader_described AS (
        SELECT
            CASE
                WHEN regexp_matches(txt, '[^\x00-\x7f]')
                    THEN list_transform(
                        [{
                            'characters': regexp_extract_all(txt, '(?s).'),
                            'descriptions': (SELECT map(list(em.emoji), list(em.description)) FROM duckmark.emoji AS em)
                        }],
                        lambda vader_read: array_to_string(
                            list_transform(
                                vader_read.characters,
                                lambda vader_character: CASE
                                    WHEN map_contains(vader_read.descriptions, vader_character)
                                        THEN concat(' ', vader_read.descriptions[vader_character])
                                    ELSE vader_character
                                END
                            ),
                            ''
                        )
                    )[1]
                ELSE txt
            END AS vader_written
        WHERE txt IS NOT NULL
    ),
    vader_split AS (
        -- Words are runs of two or more characters, without the punctuation at one end of a plain word.
        -- Three NULLs stand before the first, so that looking back never wraps round to the last.
        SELECT
            [NULL, NULL, NULL] || list_transform(
                regexp_extract_all(
                    vader_written,
                    '[^\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}'
                    || '\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]{2,}'
                ),
                lambda vader_token: regexp_replace(
                    vader_token,
                    '^(?:[.,;:''"-]|!{1,3}|\?{1,3}|\?!\?!?|!\?!\??)([^!-/:-@\[-`{-~]{2,})$'
                    || '|^([^!-/:-@\[-`{-~]{2,})(?:[.,;:''"-]|!{1,3}|\?{1,3}|\?!\?!?|!\?!\??)$',
                    '\1\2'
                )
            ) AS vader_texts,
            strlen(vader_written) - strlen(replace(vader_written, '!', '')) AS vader_exclamations,
            strlen(vader_written) - strlen(replace(vader_written, '?', '')) AS vader_questions
        FROM vader_described
    ),
    vader_cased AS (
        -- Python's lower case of İ is two characters, which are in no word of the lexicon; and it knows
        -- letters with case outside \p{Lu} and \p{Ll}.
        SELECT
            vader_texts,
            list_transform(vader_texts, lambda vader_token: lower(translate(vader_token, 'İ', 'ı'))) AS vader_lows,
            list_transform(
                vader_texts,
                lambda vader_token:
                    regexp_matches(vader_token, '[\p{Lu}Ⅰ-ⅯⒶ-Ⓩ🄰-🅉🅐-🅩🅰-🆉]')
                    AND NOT regexp_matches(
                        vader_token,
                        '[\p{Ll}\p{Lt}ªºʰ-ʸˀˁˠ-ˤ\x{345}ͺᴬ-ᵪᵸᶛ-ᶿⁱⁿₐ-ₜⅰ-ⅿⓐ-ⓩⱼⱽꚜꚝꝰꟸꟹꭜ-ꭟ'
                        || '\x{10780}\x{10783}-\x{10785}\x{10787}-\x{107b0}\x{107b2}-\x{107ba}]'
                    )
            ) AS vader_capitals
        FROM vader_split
    ),
    vader_unnested AS (
        -- Capitals are an emphasis only where some words have them and some have not.
        SELECT
            vader_texts,
            vader_lows,
            vader_capitals,
            list_contains(vader_capitals, true) AND list_contains(vader_capitals, false) AS vader_emphatic,
            nullif(list_position(vader_lows, 'but'), 0) AS vader_but,
            unnest(vader_texts) AS vader_text,
            unnest(vader_lows) AS vader_low,
            generate_subscripts(vader_texts, 1) AS vader_position
        FROM vader_cased
    ),
    vader_scored AS (
        -- One row is a word with a valence; a repeated word counts in the context of its first occurrence.
        SELECT
            vader_texts,
            vader_lows,
            vader_capitals,
            vader_emphatic,
            vader_position,
            vw.valence AS vader_valence,
            list_position(vader_texts, vader_text) AS vader_first,
            CASE
                WHEN vader_position < vader_but THEN 0.5
                WHEN vader_position > vader_but THEN 1.5
                ELSE 1
            END AS vader_weight
        FROM vader_unnested
        JOIN duckmark.vader_words AS vw ON vw.term = vader_low
        WHERE vw.valence IS NOT NULL
    ),
    vader_context AS (
        -- Three words before, the word itself (the fourth), two after.
        SELECT
            vader_emphatic,
            vader_position,
            vader_valence,
            vader_weight,
            vader_texts[vader_first - 3 : vader_first + 2] AS vader_near,
            vader_lows[vader_first - 3 : vader_first + 2] AS vader_low,
            vader_capitals[vader_first - 3 : vader_first + 2] AS vader_loud
        FROM vader_scored
    ),
    vader_modifiers AS (
        -- What the words before add to the valence, how much more in capitals, and what they multiply it by.
        -- A word of the lexicon does none of it, whatever else it is. "never" is taken as written.
        SELECT
            vader_position,
            vader_weight,
            vader_near,
            vader_low,
            vader_valence + CASE WHEN vader_emphatic AND vader_loud[4] THEN sign(vader_valence) * 0.733 ELSE 0 END
                AS vader_v0,
            coalesce(b1.boost, 0)
                + CASE WHEN vader_emphatic AND b1.boost <> 0 AND vader_loud[3] THEN 0.733 ELSE 0 END AS vader_boost1,
            0.95 * (
                coalesce(b2.boost, 0)
                + CASE WHEN vader_emphatic AND b2.boost <> 0 AND vader_loud[2] THEN 0.733 ELSE 0 END
            ) AS vader_boost2,
            0.9 * (
                coalesce(b3.boost, 0)
                + CASE WHEN vader_emphatic AND b3.boost <> 0 AND vader_loud[1] THEN 0.733 ELSE 0 END
            ) AS vader_boost3,
            CASE
                WHEN b1.in_lexicon THEN 1
                WHEN b1.negates OR contains(vader_low[3], 'n''t') THEN -0.74
                ELSE 1
            END AS vader_factor1,
            CASE
                WHEN b2.in_lexicon THEN 1
                WHEN vader_near[2] = 'never' AND vader_near[3] IN ('so', 'this') THEN 1.5
                WHEN b2.negates OR contains(vader_low[2], 'n''t') THEN -0.74
                ELSE 1
            END AS vader_factor2,
            CASE
                WHEN vader_near[1] IS NULL OR b3.in_lexicon THEN 1
                WHEN vader_near[1] = 'never' AND vader_near[2] IN ('so', 'this') THEN 1.25
                WHEN vader_near[3] IN ('so', 'this') THEN 1.25
                WHEN b3.negates OR contains(vader_low[1], 'n''t') THEN -0.74
                ELSE 1
            END AS vader_factor3,
            vader_near[1] IS NOT NULL
            AND b3.in_lexicon IS NOT TRUE
            AND regexp_matches(
                array_to_string(vader_near, ' '),
                'the (shit|bomb)|bad ass|yeah right|cut the mustard|kiss of death|hand to mouth'
                || '|just enough|(kind|sort) of'
            ) AS vader_idiomatic,
            vader_low[3] = 'least'
            AND b1.in_lexicon IS NOT TRUE
            AND coalesce(vader_low[2], '') NOT IN ('at', 'very') AS vader_least
        FROM vader_context
        LEFT JOIN duckmark.vader_words AS b1 ON b1.term = vader_low[3]
        LEFT JOIN duckmark.vader_words AS b2 ON b2.term = vader_low[2]
        LEFT JOIN duckmark.vader_words AS b3 ON b3.term = vader_low[1]
    ),
    vader_modified AS (
        -- The words one, two and three back have their say one after the other. (No valence is 0.)
        SELECT
            *,
            list_reduce(
                [
                    {'valence': CAST(vader_v0 AS DOUBLE), 'boost': 0::DOUBLE, 'factor': 1::DOUBLE},
                    {'valence': 0, 'boost': vader_boost1, 'factor': vader_factor1},
                    {'valence': 0, 'boost': vader_boost2, 'factor': vader_factor2},
                    {'valence': 0, 'boost': vader_boost3, 'factor': vader_factor3}
                ],
                lambda vader_so_far, vader_next: {
                    'valence':
                        (vader_so_far.valence + sign(vader_so_far.valence) * vader_next.boost) * vader_next.factor,
                    'boost': 0,
                    'factor': 1
                }
            ).valence AS vader_v3
        FROM vader_modifiers
    ),
    vader_idioms AS (
        -- The first of these places that holds an idiom gives the valence; "kind of" before dampens it.
        SELECT
            *,
            coalesce(
                CASE WHEN vader_idiomatic THEN
                    list_filter(
                        list_transform(
                            [[4, 6], [4, 5], [3, 4], [2, 4], [2, 3], [1, 3], [1, 2]],
                            lambda vader_span: [3, 3, 1.5, -2, 2, -1.5, -2][
                                list_position(
                                    [
                                        'the shit', 'the bomb', 'bad ass', 'yeah right',
                                        'cut the mustard', 'kiss of death', 'hand to mouth'
                                    ],
                                    array_to_string(vader_near[vader_span[1] : vader_span[2]], ' ')
                                )
                            ]
                        ),
                        lambda vader_idiom: vader_idiom IS NOT NULL
                    )[1]
                END,
                vader_v3
            ) - CASE
                WHEN vader_idiomatic
                    AND (
                        array_to_string(vader_near[1:2], ' ') IN ('just enough', 'kind of', 'sort of')
                        OR array_to_string(vader_near[2:3], ' ') IN ('just enough', 'kind of', 'sort of')
                    )
                    THEN 0.293
                ELSE 0
            END AS vader_v4
        FROM vader_modified
    ),
    vader_listed AS (
        -- In the order of the text, in which the sums are taken so that no last digit differs.
        SELECT
            list(
                vader_weight * CASE
                    WHEN vader_low[4] = 'kind' AND vader_low[5] = 'of' THEN 0
                    ELSE vader_v4 * CASE WHEN vader_least THEN -0.74 ELSE 1 END
                END
                ORDER BY vader_position
            ) AS vader_valences
        FROM vader_idioms
    ),
    vader_sums AS (
        -- Each word with a valence also counts as one word; exclamation and question marks are an emphasis.
        SELECT
            {
                'sum': coalesce(list_sum(vader_valences), 0),
                'pos': coalesce(
                    list_sum(
                        list_transform(
                            list_filter(vader_valences, lambda vader_value: vader_value > 0),
                            lambda vader_value: vader_value + 1
                        )
                    ),
                    0
                ),
                'neg': coalesce(
                    list_sum(
                        list_transform(
                            list_filter(vader_valences, lambda vader_value: vader_value < 0),
                            lambda vader_value: 1 - vader_value
                        )
                    ),
                    0
                ),
                'neu': len(vader_texts) - 3
                    - coalesce(len(list_filter(vader_valences, lambda vader_value: vader_value <> 0)), 0),
                'emphasis': least(vader_exclamations, 4) * 0.292::DOUBLE + CASE
                    WHEN vader_questions > 3 THEN 0.96
                    WHEN vader_questions > 1 THEN vader_questions * 0.18::DOUBLE
                    ELSE 0
                END
            } AS vader_sums
        FROM vader_split, vader_listed
    )
    -- The emphasis strengthens the side that is ahead. Lambdas name what they compute with, so that DuckDB 2.0 does
    -- not plan it once for each time it is named.
    -- format() rounds as Python does, by the exact value and halves to even; round() does not.
    SELECT
        list_transform(
            list_transform(
                [vader_sums],
                lambda vader_side: {
                    'sum': vader_side.sum + sign(vader_side.sum) * vader_side.emphasis,
                    'pos': vader_side.pos
                        + CASE WHEN vader_side.pos > vader_side.neg THEN vader_side.emphasis ELSE 0 END,
                    'neg': vader_side.neg
                        + CASE WHEN vader_side.neg > vader_side.pos THEN vader_side.emphasis ELSE 0 END,
                    'neu': vader_side.neu
                }
            ),
            lambda vader_side: {
                'neg': format(
                    '{:.3f}', vader_side.neg / greatest(vader_side.pos + vader_side.neg + vader_side.neu, 1)
                )::DOUBLE,
                'neu': format(
                    '{:.3f}', vader_side.neu / greatest(vader_side.pos + vader_side.neg + vader_side.neu, 1)
                )::DOUBLE,
                'pos': format(
                    '{:.3f}', vader_side.pos / greatest(vader_side.pos + vader_side.neg + vader_side.neu, 1)
                )::DOUBLE,
                'compound': format(
                    '{:.4f}', vader_side.sum / sqrt(vader_side.sum * vader_side.sum + 15)
                )::DOUBLE
            }
        )[1]
    FROM vader_sums
);
