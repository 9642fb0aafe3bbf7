-- The n best products for a user by `scores` beyond their stored list, with what `duckmark.reason` is made of.
CREATE MACRO duckmark.beyond_list(for_user, n) AS TABLE
WITH others AS MATERIALIZED (
    SELECT
        sc.product_id,
        sc.score,
        duckmark.source_of(sc.content, sc.collaborative, sc.items, sc.factors) AS source
    FROM scores(for_user) AS sc
    ANTI JOIN duckmark.recommendation_lists AS l
        ON l.product_id = sc.product_id AND l.user_id = CAST(for_user AS VARCHAR)
    ORDER BY sc.score DESC, sc.product_id
    LIMIT greatest(0, n)
),
-- What is known of these is looked up before it is compared with what is known of the user.
own_terms AS MATERIALIZED (
    SELECT
        pt.product_id,
        pt.term,
        pt.weight
    FROM others AS ot
    JOIN duckmark.product_terms AS pt
        ON pt.product_id = ot.product_id
    WHERE pt.own_count > 0
),
shared_terms AS (
    SELECT
        pt.product_id,
        list(pt.term ORDER BY ut.weight * pt.weight * t.idf DESC, pt.term)[:3] AS words
    FROM own_terms AS pt
    JOIN duckmark.user_terms AS ut
        ON ut.term = pt.term AND ut.user_id = CAST(for_user AS VARCHAR)
    JOIN duckmark.terms AS t
        ON t.term = pt.term
    WHERE ut.weight > 0
    GROUP BY pt.product_id
),
goes_after AS MATERIALIZED (
    SELECT
        g.for_product_id,
        g.product_id,
        g.weight
    FROM others AS ot
    JOIN duckmark.item_weights AS g
        ON g.for_product_id = ot.product_id
),
past_items AS (
    SELECT
        ga.for_product_id AS product_id,
        list(ga.product_id ORDER BY h.weight * ga.weight DESC, ga.product_id)[1] AS because
    FROM goes_after AS ga
    JOIN duckmark.histories AS h
        ON h.product_id = ga.product_id AND h.user_id = CAST(for_user AS VARCHAR)
    WHERE h.weight * ga.weight > 0
    GROUP BY ga.for_product_id
),
all_takers AS MATERIALIZED (
    SELECT
        ta.product_id,
        ta.user_id
    FROM others AS ot
    JOIN duckmark.takers AS ta
        ON ta.product_id = ot.product_id
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
    ot.product_id,
    ot.score,
    ot.source,
    i.because,
    nb.takers,
    w.words
FROM others AS ot
LEFT JOIN past_items AS i
    ON i.product_id = ot.product_id
LEFT JOIN neighbours AS nb
    ON nb.product_id = ot.product_id
LEFT JOIN shared_terms AS w
    ON w.product_id = ot.product_id;
