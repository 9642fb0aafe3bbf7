-- One row is one of the five terms in which the complaints about a category stand out most, worst first, with a sentence
-- of readable length (40 to 160) from one of them. Which terms count, and how much they stand out, is said in
-- `duckmark.product_issues`, with a category in place of a product: against the rest of the shop, and against the
-- category's other reviews.
CREATE TABLE duckmark.category_issues AS
WITH told AS (
    SELECT
        p.category,
        rv.event_id,
        rv.language,
        rv.satisfaction,
        rv.text,
        rt.terms
    FROM duckmark.reviews AS rv
    JOIN duckmark.review_terms AS rt
        ON rt.event_id = rv.event_id
    JOIN duckmark.products AS p
        ON p.product_id = rv.product_id
    WHERE p.category IS NOT NULL AND rv.label = 'negative' AND len(rt.terms) > 0
),
told_sizes AS (
    SELECT
        tl.category,
        count(*) AS negative
    FROM told AS tl
    GROUP BY tl.category
),
own_words AS (
    SELECT DISTINCT
        p.category,
        w.term
    FROM duckmark.own_words AS w
    JOIN duckmark.products AS p
        ON p.product_id = w.product_id
),
shop_sizes AS (
    SELECT
        sum(st.reviews) AS mentions,
        sum(st.negative) / sum(st.reviews) AS lean
    FROM duckmark.said_terms AS st
),
counted AS (
    SELECT
        p.category,
        pm.term,
        CAST(sum(pm.reviews) AS BIGINT) AS reviews,
        CAST(sum(pm.negative) AS BIGINT) AS negative
    FROM duckmark.product_mentions AS pm
    JOIN duckmark.products AS p
        ON p.product_id = pm.product_id
    WHERE p.category IS NOT NULL
    GROUP BY p.category, pm.term
),
totalled AS (
    SELECT
        ct.category,
        ct.term,
        ct.reviews,
        ct.negative,
        st.spellings,
        st.feeling,
        st.reviews AS said,
        st.negative AS said_negative,
        duckmark.prior_mentions() * st.reviews / sz.mentions AS prior,
        sz.mentions,
        sz.lean,
        ts.negative AS complaints,
        sum(ct.reviews) OVER (PARTITION BY ct.category) AS all_reviews,
        sum(ct.negative) OVER (PARTITION BY ct.category) AS all_negative
    FROM counted AS ct
    JOIN duckmark.said_terms AS st
        ON st.term = ct.term
    JOIN told_sizes AS ts
        ON ts.category = ct.category
    CROSS JOIN shop_sizes AS sz
),
contrasts AS (
    SELECT
        tt.category,
        tt.term,
        tt.spellings,
        tt.negative AS reviews,
        tt.negative / tt.complaints AS share,
        duckmark.contrast(tt.negative, tt.all_negative, tt.said, tt.mentions, tt.prior) AS z_shop,
        duckmark.contrast(tt.negative, tt.all_negative, tt.reviews, tt.all_reviews, tt.prior) AS z_category
    FROM totalled AS tt
    ANTI JOIN own_words AS ow
        ON ow.category = tt.category AND ow.term = tt.term
    WHERE duckmark.is_objection(tt.feeling, tt.term)
        AND duckmark.is_telling(tt.negative, tt.complaints, tt.said_negative, tt.said, tt.lean)
),
best AS (
    SELECT
        ct.category,
        row_number() OVER (
            PARTITION BY ct.category
            ORDER BY round((ct.z_shop + ct.z_category) / sqrt(2), 6) DESC, ct.term
        ) AS rank,
        ct.term,
        ct.spellings,
        ct.reviews,
        ct.share,
        (ct.z_shop + ct.z_category) / sqrt(2) AS score
    FROM contrasts AS ct
    WHERE ct.z_shop > 0 AND ct.z_category > 0
    QUALIFY rank <= 5
),
candidates AS (
    SELECT
        bs.category,
        bs.term,
        tl.event_id,
        tl.language,
        tl.satisfaction,
        tl.text
    FROM best AS bs
    JOIN told AS tl
        ON tl.category = bs.category AND list_contains(tl.terms, bs.term)
    QUALIFY row_number() OVER (
        PARTITION BY bs.category, bs.term
        ORDER BY tl.satisfaction, length(tl.text), tl.event_id
    ) <= 10
),
cut AS MATERIALIZED (
    SELECT
        cd.category,
        cd.term,
        cd.event_id,
        cd.language,
        cd.satisfaction,
        unnest(duckmark.split_sentences(cd.text)) AS sentence
    FROM candidates AS cd
),
-- Of all sentences at once, which a function reads fastest: as they are joined they come a few at a time.
sentences AS MATERIALIZED (
    SELECT
        cu.*,
        duckmark.words_around(cu.sentence, cu.language) AS words
    FROM cut AS cu
),
quotes AS (
    SELECT
        cu.category,
        cu.term,
        trim(cu.sentence) AS quote
    FROM sentences AS cu
    JOIN (SELECT said.term, concat(' ', unnest(said.spellings), ' ') AS spelling FROM duckmark.said_terms AS said) AS sp
        ON sp.term = cu.term
    WHERE contains(cu.words, sp.spelling)
    QUALIFY row_number() OVER (
        PARTITION BY cu.category, cu.term
        ORDER BY
            NOT duckmark.is_quotable(cu.sentence),
            cu.satisfaction,
            length(cu.sentence),
            cu.event_id,
            cu.sentence
    ) = 1
)
SELECT
    bs.category,
    bs.rank,
    bs.term,
    bs.reviews,
    round(bs.share, 4) AS share,
    round(bs.score, 2) AS score,
    duckmark.shortened(qt.quote) AS example
FROM best AS bs
LEFT JOIN quotes AS qt
    ON qt.category = bs.category AND qt.term = bs.term
ORDER BY bs.category, bs.rank;
