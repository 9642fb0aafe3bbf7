-- The k products to show a user next as two wishes have it, of the first candidates (twice k, at least 50); each wish
-- goes from 0, none of it, to 1:
--   damping    popularity counts against a product: 1 takes the whole range of scores from the most popular; those who
--              are shown what is popular, as nothing else is known of them, are shown no other
--   diversity  each place goes to the best mixture of place so far and unlikeness, by profile, to what stands above
--              (maximal marginal relevance, Carbonell & Goldstein 1998): 0 is place alone, 1 unlikeness alone.
CREATE MACRO duckmark.reordered(for_user, k, diversity, damping) AS TABLE
WITH RECURSIVE pool AS (
    SELECT *
    FROM duckmark.candidates(for_user, greatest(2 * k, 50))
),
damped AS MATERIALIZED (
    SELECT
        po.product_id,
        po.score,
        po.source,
        po.because,
        po.takers,
        po.words,
        sp.vector,
        row_number() OVER (
            ORDER BY po.rung, po.score - damping * coalesce(sp.popularity, 0) * po.extent DESC, po.product_id
        ) AS standing
    FROM (
        SELECT
            pl.*,
            max(pl.score) OVER (PARTITION BY pl.rung) - min(pl.score) OVER (PARTITION BY pl.rung) AS extent
        FROM pool AS pl
    ) AS po
    JOIN duckmark.scored_products AS sp
        ON sp.product_id = po.product_id
),
-- One step a place: those left, how near the nearest listed above them is, and the one taken.
walk AS (
    SELECT
        1 AS step,
        dp.product_id,
        dp.vector,
        1 - (dp.standing - 1) / greatest(2 * k, 50) AS relevance,
        0.0::DOUBLE AS nearest,
        first_value(dp.product_id) OVER (ORDER BY dp.standing) AS taken,
        first_value(dp.vector) OVER (ORDER BY dp.standing) AS above
    FROM damped AS dp
    WHERE diversity > 0
    UNION ALL
    SELECT
        lt.step + 1,
        lt.product_id,
        lt.vector,
        lt.relevance,
        lt.nearest,
        first_value(lt.product_id) OVER best,
        first_value(lt.vector) OVER best
    FROM (
        SELECT
            wk.* EXCLUDE (nearest),
            greatest(wk.nearest, coalesce(list_dot_product(wk.above, wk.vector), 0)) AS nearest
        FROM walk AS wk
        WHERE wk.product_id <> wk.taken AND wk.step < k
    ) AS lt
    WINDOW best AS (ORDER BY (1 - diversity) * lt.relevance - diversity * lt.nearest DESC, lt.relevance DESC)
)
SELECT
    coalesce(ls.step, dm.standing) AS place,
    dm.product_id,
    dm.score,
    dm.source,
    dm.because,
    dm.takers,
    dm.words
FROM damped AS dm
LEFT JOIN (SELECT DISTINCT wa.taken, wa.step FROM walk AS wa) AS ls
    ON ls.taken = dm.product_id
WHERE coalesce(ls.step, CASE WHEN diversity > 0 THEN NULL ELSE dm.standing END) <= k;
