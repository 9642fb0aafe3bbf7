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
        coalesce(wf.form, pt.term) AS term
    FROM duckmark.product_terms AS pt
    JOIN duckmark.products AS p
        ON p.product_id = pt.product_id
    LEFT JOIN duckmark.product_languages AS pl
        ON pl.product_id = pt.product_id
    LEFT JOIN duckmark.term_groups AS wf
        ON wf.language = pl.language AND wf.term = pt.term
    WHERE pt.own_count > 1
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
smoothed AS (
    SELECT
        ct.category,
        ct.term,
        st.spellings,
        ct.negative AS reviews,
        duckmark.is_objection(st.feeling, st.term)
            AND ct.negative >= greatest(2, ts.negative / 30)
            AND st.negative * (1 - sz.lean) >= 1.1 * (st.reviews - st.negative) * sz.lean
            AND ow.term IS NULL AS counts,
        ct.negative + 500 * st.reviews / sz.mentions AS here,
        st.reviews - ct.negative + 500 * st.reviews / sz.mentions AS elsewhere,
        ct.reviews - ct.negative + 500 * st.reviews / sz.mentions AS beside,
        500 + sum(ct.negative) OVER (PARTITION BY ct.category) AS all_here,
        500 + sz.mentions - sum(ct.negative) OVER (PARTITION BY ct.category) AS all_elsewhere,
        500 + sum(ct.reviews - ct.negative) OVER (PARTITION BY ct.category) AS all_beside,
        ts.negative AS all_reviews
    FROM counted AS ct
    JOIN duckmark.said_terms AS st
        ON st.term = ct.term
    JOIN told_sizes AS ts
        ON ts.category = ct.category
    LEFT JOIN own_words AS ow
        ON ow.category = ct.category AND ow.term = ct.term
    CROSS JOIN shop_sizes AS sz
),
contrasts AS (
    SELECT
        sm.*,
        duckmark.contrast(sm.here, sm.all_here, sm.elsewhere, sm.all_elsewhere) AS z_shop,
        duckmark.contrast(sm.here, sm.all_here, sm.beside, sm.all_beside) AS z_category
    FROM smoothed AS sm
    WHERE sm.counts
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
        ct.reviews / ct.all_reviews AS share,
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
cut AS (
    SELECT
        cd.category,
        cd.term,
        cd.event_id,
        cd.language,
        cd.satisfaction,
        unnest(duckmark.split_sentences(cd.text)) AS sentence
    FROM candidates AS cd
),
quotes AS (
    SELECT
        cu.category,
        cu.term,
        trim(cu.sentence) AS quote
    FROM cut AS cu
    JOIN (SELECT said.term, concat(' ', unnest(said.spellings), ' ') AS spelling FROM duckmark.said_terms AS said) AS sp
        ON sp.term = cu.term
    WHERE contains(concat(' ', array_to_string(tokenize(cu.sentence, cu.language), ' '), ' '), sp.spelling)
    QUALIFY row_number() OVER (
        PARTITION BY cu.category, cu.term
        ORDER BY
            CASE WHEN length(cu.sentence) BETWEEN 40 AND 160 THEN 0 ELSE 1 END,
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
