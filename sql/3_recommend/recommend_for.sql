-- The k products that go with a basket, best first, for a visitor of whom nothing else is known: a list of
-- product ids is enough. They are scored as a user with the basket for a history: `content` is the cosine with the sum
-- of its profiles, `items` the sum of its item weights, and `factors` come by folding the visitor in, in closed form:
-- conjugate gradients on the basket's own products, which end after as many steps as there are products.
-- Of a large catalogue, those are scored that lead (`duckmark.scored_products`) or go with a product of the basket.
CREATE MACRO recommend_for(basket, k := 10) AS TABLE
WITH RECURSIVE asked AS (
    SELECT DISTINCT CAST(unnest(basket) AS VARCHAR) AS product_id
),
basket_items AS MATERIALIZED (
    SELECT
        sp.product_id,
        sp.category,
        sp.vector,
        sp.factors,
        sp.price
    FROM duckmark.scored_products AS sp
    JOIN asked AS a
        ON a.product_id = sp.product_id
),
evidence AS MATERIALIZED (
    SELECT
        duckmark.id_number(e.product_id) AS product_number,
        sum(e.weight) AS score,
        max_by(e.because, e.weight) AS because,
        bool_or(e.owned) AS owned
    FROM (
        SELECT
            g.for_product_id AS product_id,
            g.weight,
            g.product_id AS because,
            false AS owned
        FROM duckmark.goes_with AS g
        JOIN asked AS a
            ON a.product_id = g.product_id
        UNION ALL
        SELECT
            b.product_id,
            NULL,
            NULL,
            true
        FROM basket_items AS b
    ) AS e
    GROUP BY e.product_id
),
-- The basket as one row: what follows is worked out in lists, as tables of so few rows cost more to plan than to fill;
-- in one order, so that sums are the same again.
basket_whole AS MATERIALIZED (
    SELECT
        count(*) AS items,
        count(b.category) AS in_categories,
        avg(b.price) AS price,
        list(b.vector ORDER BY b.product_id) FILTER (WHERE b.vector IS NOT NULL) AS vectors,
        list(b.factors ORDER BY b.product_id) FILTER (WHERE b.factors IS NOT NULL) AS factors
    FROM basket_items AS b
),
-- The system (sqrt(n) + factors x factors') weights = 1 over the basket's n products, factors x factors' as lists.
gradients AS (
    SELECT
        1 AS step,
        y.lines,
        list_transform(y.lines, lambda line: 0.0::DOUBLE) AS solution,
        list_transform(y.lines, lambda line: 1.0::DOUBLE) AS residual,
        list_transform(y.lines, lambda line: 1.0::DOUBLE) AS direction
    FROM (
        SELECT
            list_transform(
                bw.factors,
                lambda one: list_transform(bw.factors, lambda other: list_dot_product(one, other)::DOUBLE)
            ) AS lines
        FROM basket_whole AS bw
        WHERE bw.factors IS NOT NULL
    ) AS y
    UNION ALL
    SELECT
        n.step + 1,
        n.lines,
        n.solution,
        n.residual,
        list_transform(
            list_zip(n.residual, n.direction),
            lambda c: c[1] + list_dot_product(n.residual, n.residual) / n.size * c[2]
        )
    FROM (
        SELECT
            s.step,
            s.lines,
            list_transform(list_zip(s.solution, s.direction), lambda c: c[1] + s.size / s.bend * c[2]) AS solution,
            list_transform(list_zip(s.residual, s.image), lambda c: c[1] - s.size / s.bend * c[2]) AS residual,
            s.direction,
            s.size
        FROM (
            SELECT
                m.*,
                list_dot_product(m.residual, m.residual) AS size,
                list_dot_product(m.direction, m.image) AS bend
            FROM (
                SELECT
                    gd.*,
                    list_transform(
                        list_zip(gd.lines, gd.direction),
                        lambda c: list_dot_product(c[1], gd.direction) + sqrt(len(gd.lines)) * c[2]
                    ) AS image
                FROM gradients AS gd
                WHERE gd.step <= len(gd.lines) AND list_dot_product(gd.residual, gd.residual) > 1e-16
            ) AS m
        ) AS s
    ) AS n
),
-- The sums, dimension by dimension, of the basket's profiles and of its factors, these by their weights.
visitor AS MATERIALIZED (
    SELECT
        CAST(list_transform(
            su.totals,
            lambda total: total / nullif(sqrt(list_dot_product(su.totals, su.totals)), 0)
        ) AS FLOAT[]) AS vector,
        CAST(list_transform(
            range(1, len(su.in_factors[1][1]) + 1),
            lambda d: list_sum(list_transform(su.in_factors, lambda c: c[1][d] * c[2]))
        ) AS FLOAT[]) AS factors,
        su.price,
        ln(1 + su.items) AS history,
        0.0::DOUBLE AS away
    FROM (
        SELECT
            bw.price,
            bw.items,
            list_transform(
                range(1, len(bw.vectors[1]) + 1),
                lambda d: list_sum(list_transform(bw.vectors, lambda v: v[d]::DOUBLE))
            ) AS totals,
            list_zip(bw.factors, so.weights) AS in_factors
        FROM basket_whole AS bw
        CROSS JOIN (SELECT max_by(gs.solution, gs.step) AS weights FROM gradients AS gs) AS so
    ) AS su
),
tastes AS (
    SELECT
        b.category,
        count(*) / any_value(bw.in_categories) AS share
    FROM basket_items AS b
    CROSS JOIN basket_whole AS bw
    WHERE b.category IS NOT NULL
    GROUP BY b.category
),
-- Those found by number are multiplied by themselves: of lists, 2,048 would be read around each. Arrays are read by
-- their places, as by numbers many more are read that may be those sought; and the visitor's arrays stand beside the
-- places, as beside numbers alone DuckDB 1.5 makes a perfect hash table, which leaves out no row before it is read.
led_to AS (
    SELECT
        ob.rowid AS place,
        sw.rowid AS shown_place,
        duckmark.as_profile(vr.vector) AS vector,
        duckmark.as_factors(vr.factors) AS factors
    FROM duckmark.scored_products AS ob
    JOIN evidence AS ev
        ON ev.product_number = ob.product_number
    JOIN duckmark.shown_products AS sw
        ON sw.product_number = ev.product_number
    CROSS JOIN visitor AS vr
    WHERE NOT ob.leads
),
leading_or_led_to AS (
    SELECT
        le.rowid AS place,
        le.* EXCLUDE (vector, factors),
        list_dot_product(vi.vector, le.vector) AS content,
        list_dot_product(vi.factors, le.factors) AS common
    FROM duckmark.scored_products AS le
    CROSS JOIN visitor AS vi
    WHERE le.leads
    UNION ALL
    SELECT
        ot.rowid,
        ot.* EXCLUDE (vector, factors),
        array_inner_product(lt.vector, sh.vector),
        array_inner_product(lt.factors, sh.factors)
    FROM duckmark.scored_products AS ot
    JOIN led_to AS lt
        ON lt.place = ot.rowid
    JOIN duckmark.shown_products AS sh
        ON sh.rowid = lt.shown_place
),
everything AS (
    SELECT
        sp.rowid AS place,
        sp.* EXCLUDE (vector, factors),
        list_dot_product(vs.vector, sp.vector) AS content,
        list_dot_product(vs.factors, sp.factors) AS common
    FROM duckmark.scored_products AS sp
    CROSS JOIN visitor AS vs
),
-- Only what is named is planned.
compared AS (
    SELECT *
    FROM query_table(
        CASE
            WHEN duckmark.every_product_leads() OR duckmark.asks_for_all(k) THEN 'everything'
            ELSE 'leading_or_led_to'
        END
    )
),
best AS (
    SELECT
        sc.place,
        sc.product_id,
        duckmark.network_score(sc.x, r.base, r.weights, r.units) AS score,
        sc.x,
        sc.because
    FROM (
        SELECT
            pr.place,
            pr.product_id,
            duckmark.features(
                ps.price, ps.history, ps.away,
                pr.price, pr.popularity, pr.recent, pr.idle, pr.age, pr.satisfaction,
                pr.content, pr.common,
                NULL, e.score, t.share
            ) AS x,
            e.because
        FROM compared AS pr
        CROSS JOIN visitor AS ps
        LEFT JOIN evidence AS e
            ON e.product_number = pr.product_number
        LEFT JOIN tastes AS t
            ON t.category = pr.category
        WHERE NOT coalesce(e.owned, false)
    ) AS sc
    CROSS JOIN duckmark.ranker AS r
    ORDER BY score DESC, sc.product_id
    LIMIT greatest(0, k)
)
SELECT
    row_number() OVER (ORDER BY b.score DESC, b.product_id) AS rank,
    b.product_id,
    p.title,
    p.category,
    p.shop_price AS price,
    b.score,
    duckmark.source_of(b.x[1], b.x[2], b.x[3], b.x[4]) AS source,
    b.because
FROM best AS b
JOIN duckmark.scored_products AS p
    ON p.rowid = b.place
ORDER BY rank;
