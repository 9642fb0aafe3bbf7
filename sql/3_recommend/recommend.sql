-- The k products to show a user next, best first, none that they already have, each with its source:
-- 'hybrid' | 'content' | 'collaborative' | 'items' | 'factors' (their own taste), then 'segment' (popular with people
-- like them), then 'popular' (with everyone); an unknown user gets what is popular. The first come from the stored
-- list; whoever asks for more gets the rest of `scores`.
-- Two wishes reorder the first candidates (twice k, at least 50), each from 0, the default, to 1:
--   damping    popularity counts against a product: 1 takes the whole range of scores from the most popular
--   diversity  each place goes to the best mixture of place so far and unlikeness, by profile, to what stands above
--              (maximal marginal relevance, Carbonell & Goldstein 1998): 0 is place alone, 1 unlikeness alone.
CREATE MACRO recommend(for_user, k := 10, diversity := 0, damping := 0) AS TABLE
WITH RECURSIVE pool AS MATERIALIZED (
    SELECT *
    FROM duckmark.candidates(
        for_user,
        CASE WHEN diversity > 0 OR damping > 0 THEN greatest(2 * k, 50) ELSE k END
    ) AS ca
),
damped AS MATERIALIZED (
    SELECT
        po.product_id,
        po.score,
        po.source,
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
),
reordered AS (
    SELECT
        coalesce(ls.step, dm.standing) AS place,
        dm.product_id,
        dm.score,
        dm.source
    FROM damped AS dm
    LEFT JOIN (SELECT DISTINCT wa.taken, wa.step FROM walk AS wa) AS ls
        ON ls.taken = dm.product_id
    WHERE coalesce(ls.step, CASE WHEN diversity > 0 THEN NULL ELSE dm.standing END) <= k
),
-- Only the relation that is named is planned: so k, diversity and damping are constants or parameters.
chosen AS MATERIALIZED (
    SELECT *
    FROM query_table(CASE WHEN diversity > 0 OR damping > 0 THEN 'reordered' ELSE 'pool' END)
),
-- Those of their own taste: what is known of them is looked up before it is compared with what is known of the user.
tasted AS (
    SELECT ch.product_id
    FROM chosen AS ch
    WHERE ch.source NOT IN ('segment', 'popular')
),
own_terms AS MATERIALIZED (
    SELECT
        pt.product_id,
        pt.term,
        pt.weight
    FROM tasted AS ts
    JOIN duckmark.product_terms AS pt
        ON pt.product_id = ts.product_id
    WHERE pt.own_count > 0
),
shared_terms AS (
    SELECT
        ot.product_id,
        list(ot.term ORDER BY ut.weight * ot.weight * t.idf DESC, ot.term) AS terms
    FROM own_terms AS ot
    JOIN duckmark.user_terms AS ut
        ON ut.term = ot.term AND ut.user_id = CAST(for_user AS VARCHAR)
    JOIN duckmark.terms AS t
        ON t.term = ot.term
    WHERE ut.weight > 0
    GROUP BY ot.product_id
),
goes_after AS MATERIALIZED (
    SELECT
        g.for_product_id,
        g.product_id,
        g.weight
    FROM tasted AS ts
    JOIN duckmark.item_weights AS g
        ON g.for_product_id = ts.product_id
),
past_items AS (
    SELECT
        be.product_id,
        coalesce(b.title, be.because) AS because
    FROM (
        SELECT
            ga.for_product_id AS product_id,
            list(ga.product_id ORDER BY h.weight * ga.weight DESC, ga.product_id)[1] AS because
        FROM goes_after AS ga
        JOIN duckmark.histories AS h
            ON h.product_id = ga.product_id AND h.user_id = CAST(for_user AS VARCHAR)
        WHERE h.weight * ga.weight > 0
        GROUP BY ga.for_product_id
    ) AS be
    JOIN duckmark.products AS b
        ON b.product_id = be.because
),
all_takers AS MATERIALIZED (
    SELECT
        ta.product_id,
        ta.user_id
    FROM tasted AS ts
    JOIN duckmark.takers AS ta
        ON ta.product_id = ts.product_id
    WHERE ta.preference > 0
),
neighbours AS (
    SELECT
        tk.product_id,
        count(*) AS takers
    FROM all_takers AS tk
    JOIN duckmark.user_neighbours AS n
        ON n.neighbour_id = tk.user_id AND n.user_id = CAST(for_user AS VARCHAR)
    GROUP BY tk.product_id
)
SELECT
    c.place AS rank,
    c.product_id,
    p.title,
    p.category,
    p.price,
    c.score,
    c.source,
    CASE c.source
        WHEN 'segment' THEN 'popular in their segment'
        WHEN 'popular' THEN 'popular with everyone'
        ELSE concat_ws(
            '; ',
            'goes with ' || i.because,
            CASE
                WHEN n.takers = 1 THEN 'one person of similar taste chose it'
                WHEN n.takers > 1 THEN n.takers || ' people of similar taste chose it'
            END,
            'in their words: ' || array_to_string(w.terms[:3], ', ')
        )
    END AS reason
FROM chosen AS c
JOIN duckmark.products AS p
    ON p.product_id = c.product_id
LEFT JOIN past_items AS i
    ON i.product_id = c.product_id
LEFT JOIN shared_terms AS w
    ON w.product_id = c.product_id
LEFT JOIN neighbours AS n
    ON n.product_id = c.product_id
ORDER BY c.place;
