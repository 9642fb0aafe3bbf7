-- The k users to tell about a product, best first: those with the highest score for it who do not have it yet, by
-- `duckmark.features` and the ranker, with what each kind of evidence says.
-- Of many users, those are scored that lead (`duckmark.scored_users`) and those of the others with evidence who come
-- first without the two vectors, whose reading is dear, most of all here and there: 200, or twice as many as are asked
-- for.
CREATE MACRO audience(for_product, k := 10) AS TABLE
WITH target AS MATERIALIZED (
    SELECT * REPLACE (duckmark.as_profile(sp.vector) AS vector, duckmark.as_factors(sp.factors) AS factors)
    FROM duckmark.scored_products AS sp
    WHERE sp.product_id = CAST(for_product AS VARCHAR)
),
takers AS MATERIALIZED (
    SELECT
        ta.user_id,
        ta.preference
    FROM duckmark.takers AS ta
    WHERE ta.product_id = CAST(for_product AS VARCHAR)
),
-- In a large shop few users are anyone's neighbour: to read what follows the others would take longer.
takers_compared AS (
    SELECT
        tk.user_id,
        tk.preference
    FROM takers AS tk
    JOIN duckmark.compared_users AS cp
        ON cp.user_id = tk.user_id
),
said AS (
    SELECT
        fw.user_id,
        fw.share * t.preference AS collaborative,
        0.0::DOUBLE AS items,
        false AS owned
    FROM duckmark.followers AS fw
    JOIN (
        SELECT * FROM query_table(CASE WHEN duckmark.every_user_leads() THEN 'takers' ELSE 'takers_compared' END)
    ) AS t
        ON t.user_id = fw.neighbour_id
    UNION ALL
    SELECT
        h.user_id,
        0,
        h.weight * i.weight,
        false
    FROM duckmark.item_weights AS i
    JOIN duckmark.takers AS h
        ON h.product_id = i.product_id
    WHERE i.for_product_id = CAST(for_product AS VARCHAR)
    UNION ALL
    SELECT
        t.user_id,
        0,
        0,
        true
    FROM takers AS t
),
-- By number: of texts, each of a million users would be compared.
evidence AS MATERIALIZED (
    SELECT
        e.user_number,
        sum(e.collaborative) AS collaborative,
        sum(e.items) AS items,
        sum(e.category_share) AS category_share,
        bool_or(e.owned) AS owned
    FROM (
        SELECT
            duckmark.id_number(sa.user_id) AS user_number,
            sum(sa.collaborative) AS collaborative,
            sum(sa.items) AS items,
            0.0::DOUBLE AS category_share,
            bool_or(sa.owned) AS owned
        FROM said AS sa
        GROUP BY sa.user_id
        UNION ALL
        SELECT
            cu.user_number,
            0,
            0,
            cu.share,
            false
        FROM duckmark.category_users AS cu
        JOIN target AS tg
            ON cu.category_number = duckmark.id_number(tg.category)
    ) AS e
    GROUP BY e.user_number
),
led_to AS (
    SELECT us.rowid AS place
    FROM duckmark.scored_users AS us
    JOIN evidence AS el
        ON el.user_number = us.user_number
    CROSS JOIN target AS tr
    CROSS JOIN duckmark.ranker AS rk
    WHERE NOT us.leads AND NOT el.owned
    ORDER BY
        duckmark.network_score(
            duckmark.features(
                us.price, us.history, us.away,
                tr.price, tr.popularity, tr.recent, tr.idle, tr.age, tr.satisfaction,
                NULL, NULL, el.collaborative, el.items, el.category_share
            ),
            rk.base, rk.weights, rk.units
        ) DESC,
        us.user_id
    LIMIT greatest(200, 2 * k)
),
-- The target's arrays are joined to the places, as beside numbers alone DuckDB 1.5 makes a perfect hash table, which
-- leaves out no row before it is read.
leading_or_led_to AS (
    SELECT
        le.* EXCLUDE (vector, factors),
        array_inner_product(le.vector, tl.vector) AS content,
        array_inner_product(le.factors, tl.factors) AS common
    FROM duckmark.scored_users AS le
    CROSS JOIN target AS tl
    WHERE le.leads
    UNION ALL
    SELECT
        ot.* EXCLUDE (vector, factors),
        array_inner_product(ot.vector, lt.vector),
        array_inner_product(ot.factors, lt.factors)
    FROM duckmark.scored_users AS ot
    JOIN (
        SELECT
            lo.place,
            tp.vector,
            tp.factors
        FROM led_to AS lo
        CROSS JOIN target AS tp
    ) AS lt
        ON lt.place = ot.rowid
),
everyone AS (
    SELECT
        su.* EXCLUDE (vector, factors),
        array_inner_product(su.vector, te.vector) AS content,
        array_inner_product(su.factors, te.factors) AS common
    FROM duckmark.scored_users AS su
    CROSS JOIN target AS te
),
-- Only what is named is planned.
told AS (
    SELECT *
    FROM query_table(
        CASE WHEN duckmark.every_user_leads() OR duckmark.asks_for_all(k) THEN 'everyone' ELSE 'leading_or_led_to' END
    )
),
best AS (
    SELECT
        us.user_id,
        us.segment,
        duckmark.network_score(us.x, r.base, r.weights, r.units) AS score,
        us.x
    FROM (
        SELECT
            td.user_id,
            td.segment,
            duckmark.features(
                td.price, td.history, td.away,
                tg.price, tg.popularity, tg.recent, tg.idle, tg.age, tg.satisfaction,
                td.content, td.common, ev.collaborative, ev.items, ev.category_share
            ) AS x
        FROM told AS td
        CROSS JOIN target AS tg
        LEFT JOIN evidence AS ev
            ON ev.user_number = td.user_number
        WHERE NOT coalesce(ev.owned, false)
    ) AS us
    CROSS JOIN duckmark.ranker AS r
    ORDER BY score DESC, us.user_id
    LIMIT greatest(0, k)
)
SELECT
    row_number() OVER (ORDER BY b.score DESC, b.user_id) AS rank,
    b.user_id,
    b.segment,
    b.score,
    b.x[1] AS content,
    b.x[2] AS collaborative,
    b.x[3] AS items,
    b.x[4] AS factors
FROM best AS b
ORDER BY rank;
