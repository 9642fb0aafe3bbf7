-- One row is a word that VADER knows, in lower case: its valence, what it adds to the next words' valence as a
-- booster (or takes as a dampener), and whether it negates them. A booster has no valence of its own; a word of
-- the lexicon neither boosts nor negates. (Hutto & Gilbert 2014; the lists are NLTK's.)
CREATE TABLE duckmark.vader_words AS
SELECT
    coalesce(vl.term, vm.term) AS term,
    vl.term IS NOT NULL AS in_lexicon,
    CASE WHEN coalesce(vm.boost, 0) = 0 THEN vl.valence END AS valence,
    CASE WHEN vl.term IS NULL THEN vm.boost ELSE 0 END::DOUBLE AS boost,
    vl.term IS NULL AND vm.negates AS negates
FROM duckmark.vader_lexicon AS vl
FULL JOIN (
    SELECT
        unnest(
            [
                'absolutely', 'amazingly', 'awfully', 'completely', 'considerably', 'decidedly', 'deeply', 'effing',
                'enormously', 'entirely', 'especially', 'exceptionally', 'extremely', 'fabulously', 'flipping',
                'flippin', 'fricking', 'frickin', 'frigging', 'friggin', 'fully', 'fucking', 'greatly', 'hella',
                'highly', 'hugely', 'incredibly', 'intensely', 'majorly', 'more', 'most', 'particularly', 'purely',
                'quite', 'really', 'remarkably', 'so', 'substantially', 'thoroughly', 'totally', 'tremendously',
                'uber', 'unbelievably', 'unusually', 'utterly', 'very'
            ]
        ) AS term,
        0.293 AS boost,
        false AS negates
    UNION ALL
    SELECT
        unnest(
            [
                'almost', 'barely', 'hardly', 'kinda', 'kindof', 'kind-of', 'less', 'little', 'marginally',
                'occasionally', 'partly', 'scarcely', 'slightly', 'somewhat', 'sorta', 'sortof', 'sort-of'
            ]
        ),
        -0.293,
        false
    UNION ALL
    SELECT
        unnest(
            [
                'aint', 'arent', 'cannot', 'cant', 'couldnt', 'darent', 'didnt', 'doesnt', 'ain''t', 'aren''t',
                'can''t', 'couldn''t', 'daren''t', 'didn''t', 'doesn''t', 'dont', 'hadnt', 'hasnt', 'havent',
                'isnt', 'mightnt', 'mustnt', 'neither', 'don''t', 'hadn''t', 'hasn''t', 'haven''t', 'isn''t',
                'mightn''t', 'mustn''t', 'neednt', 'needn''t', 'never', 'none', 'nope', 'nor', 'not', 'nothing',
                'nowhere', 'oughtnt', 'shant', 'shouldnt', 'uhuh', 'wasnt', 'werent', 'oughtn''t', 'shan''t',
                'shouldn''t', 'uh-uh', 'wasn''t', 'weren''t', 'without', 'wont', 'wouldnt', 'won''t', 'wouldn''t',
                'rarely', 'seldom', 'despite'
            ]
        ),
        0,
        true
) AS vm ON vm.term = vl.term;
