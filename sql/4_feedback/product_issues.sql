-- The k terms in which a product's reviews of one label ('negative' or 'positive') stand out, best first, each with a
-- sentence that has it. Two contrasts say so: against all other reviews of the shop, and against this product's own
-- other reviews, in which what it is called and made of cancels out; the score is their sum over the root of 2, and both
-- must be positive. A term counts that `duckmark.is_telling`. Left out are the words of the product's own title and
-- category, what contradicts the label ("great" in a complaint), and words of strong feeling, which say how people feel,
-- not about what.
CREATE MACRO duckmark.product_issues(for_product, for_label, k := 10) AS TABLE
WITH asked AS (
    SELECT
        CAST(for_product AS VARCHAR) AS product_id,
        CAST(for_label AS VARCHAR) AS label
),
told AS (
    SELECT
        rv.event_id,
        rv.text,
        rv.language,
        rv.label,
        rv.satisfaction
    FROM duckmark.reviews AS rv
    JOIN asked AS ak
        ON ak.product_id = rv.product_id
    WHERE len(rv.terms) > 0
),
told_sizes AS (
    SELECT
        count(*) AS reviews,
        count(CASE WHEN tl.label = (SELECT ak.label FROM asked AS ak) THEN 1 END) AS of_label
    FROM told AS tl
),
shop AS (
    SELECT
        st.term,
        st.spellings,
        st.reviews,
        CASE WHEN ak.label = 'negative' THEN st.negative ELSE st.positive END AS of_label,
        CASE
            WHEN ak.label = 'negative' THEN duckmark.is_objection(st.feeling, st.term)
            ELSE st.feeling >= 0 AND (st.feeling <= 0.55 OR contains(st.term, ' '))
        END AS says_what
    FROM duckmark.said_terms AS st
    CROSS JOIN asked AS ak
),
shop_sizes AS (
    SELECT
        sum(sh.reviews) AS mentions,
        sum(sh.of_label) / sum(sh.reviews) AS lean
    FROM shop AS sh
),
counted AS (
    SELECT
        sh.*,
        duckmark.prior_mentions() * sh.reviews / sz.mentions AS prior,
        sz.mentions,
        sz.lean,
        pm.reviews AS own_reviews,
        CASE WHEN ak.label = 'negative' THEN pm.negative ELSE pm.positive END AS own_of_label
    FROM duckmark.product_mentions AS pm
    JOIN asked AS ak
        ON ak.product_id = pm.product_id
    JOIN shop AS sh
        ON sh.term = pm.term
    CROSS JOIN shop_sizes AS sz
),
totalled AS (
    SELECT
        ct.*,
        sum(ct.own_reviews) OVER () AS all_reviews,
        sum(ct.own_of_label) OVER () AS all_of_label
    FROM counted AS ct
),
contrasts AS (
    SELECT
        tt.term,
        tt.spellings,
        tt.own_of_label AS reviews,
        tt.own_of_label / ts.of_label AS share,
        duckmark.contrast(tt.own_of_label, tt.all_of_label, tt.reviews, tt.mentions, tt.prior) AS z_shop,
        duckmark.contrast(tt.own_of_label, tt.all_of_label, tt.own_reviews, tt.all_reviews, tt.prior) AS z_product
    FROM totalled AS tt
    CROSS JOIN told_sizes AS ts
    WHERE tt.says_what
        AND duckmark.is_telling(tt.own_of_label, ts.of_label, tt.of_label, tt.reviews, tt.lean)
        AND tt.term NOT IN (
            SELECT ow.term FROM duckmark.own_words AS ow JOIN asked AS ak ON ak.product_id = ow.product_id
        )
),
best AS (
    SELECT
        row_number() OVER (ORDER BY round((ct.z_shop + ct.z_product) / sqrt(2), 6) DESC, ct.term) AS rank,
        ct.term,
        ct.spellings,
        ct.reviews,
        ct.share,
        (ct.z_shop + ct.z_product) / sqrt(2) AS score
    FROM contrasts AS ct
    WHERE ct.z_shop > 0 AND ct.z_product > 0
    QUALIFY rank <= k
),
spelled AS (
    SELECT
        bs.rank,
        concat(' ', unnest(bs.spellings), ' ') AS spelling
    FROM best AS bs
),
cut AS (
    SELECT
        tl.event_id,
        tl.language AS told_in,
        CASE WHEN tl.label = 'negative' THEN tl.satisfaction ELSE -tl.satisfaction END AS mildness,
        unnest(duckmark.split_sentences(tl.text)) AS sentence
    FROM told AS tl
    WHERE tl.label = (SELECT ak.label FROM asked AS ak)
),
worded AS (
    SELECT
        cu.*,
        duckmark.words_around(cu.sentence, cu.told_in) AS words
    FROM cut AS cu
),
quotes AS (
    SELECT
        sp.rank,
        wd.sentence
    FROM spelled AS sp
    JOIN worded AS wd
        ON contains(wd.words, sp.spelling)
    QUALIFY row_number() OVER (
        PARTITION BY sp.rank
        ORDER BY
            NOT duckmark.is_quotable(wd.sentence),
            wd.mildness,
            length(wd.sentence),
            wd.event_id,
            wd.sentence
    ) = 1
)
SELECT
    bs.rank,
    bs.term,
    bs.reviews,
    round(bs.share, 4) AS share,
    round(bs.score, 2) AS score,
    trim(duckmark.shortened(qt.sentence)) AS example
FROM best AS bs
LEFT JOIN quotes AS qt
    ON qt.rank = bs.rank
ORDER BY bs.rank;
