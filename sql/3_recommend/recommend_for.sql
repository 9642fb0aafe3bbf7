-- The k products that go with a basket, best first, for a visitor of whom nothing else is known: a list of
-- product ids is enough. They are scored as a user with the basket for a history: `content` is the cosine with the sum
-- of its profiles, `items` the sum of its item weights, and `factors` come by folding the visitor in, in closed form:
-- conjugate gradients on the basket's own products, which end after as many steps as there are products.
CREATE MACRO recommend_for(basket, k := 10) AS TABLE
WITH RECURSIVE basket_items AS (
    SELECT DISTINCT CAST(unnest(basket) AS VARCHAR) AS product_id
),
goes_with AS (
    SELECT
        g.for_product_id AS product_id,
        sum(g.weight) AS score,
        max_by(g.product_id, g.weight) AS because
    FROM duckmark.item_weights AS g
    JOIN basket_items AS b
        ON b.product_id = g.product_id
    GROUP BY g.for_product_id
),
likeness AS (
    SELECT
        v.product_id,
        sum(list_dot_product(v.vector, q.vector)) AS score
    FROM duckmark.product_vectors AS v
    CROSS JOIN duckmark.product_vectors AS q
    JOIN basket_items AS b
        ON b.product_id = q.product_id
    WHERE v.vector IS NOT NULL AND q.vector IS NOT NULL
    GROUP BY v.product_id
),
basket_length AS (
    SELECT sqrt(sum(l.score)) AS length
    FROM likeness AS l
    JOIN basket_items AS b
        ON b.product_id = l.product_id
),
-- The system (1 + factors x factors') weights = 1 over the basket's products, its rows as lists.
gram AS (
    SELECT
        f1.product_id,
        list(
            list_dot_product(f1.factors, f2.factors)::DOUBLE + CASE WHEN f1.product_id = f2.product_id THEN 1 ELSE 0 END
            ORDER BY f2.product_id
        ) AS cells
    FROM duckmark.product_factors AS f1
    JOIN basket_items AS b1
        ON b1.product_id = f1.product_id
    CROSS JOIN duckmark.product_factors AS f2
    JOIN basket_items AS b2
        ON b2.product_id = f2.product_id
    GROUP BY f1.product_id
),
system AS (
    SELECT
        list(gr.product_id ORDER BY gr.product_id) AS ids,
        list(gr.cells ORDER BY gr.product_id) AS lines
    FROM gram AS gr
),
gradients AS (
    SELECT
        1 AS step,
        y.lines,
        list_transform(y.ids, lambda i: 0.0::DOUBLE) AS solution,
        list_transform(y.ids, lambda i: 1.0::DOUBLE) AS residual,
        list_transform(y.ids, lambda i: 1.0::DOUBLE) AS direction
    FROM system AS y
    WHERE len(y.ids) > 0
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
                    list_transform(gd.lines, lambda line: list_dot_product(line, gd.direction)) AS image
                FROM gradients AS gd
                WHERE gd.step <= len(gd.lines) AND list_dot_product(gd.residual, gd.residual) > 1e-16
            ) AS m
        ) AS s
    ) AS n
),
in_factors AS (
    SELECT
        unnest(y.ids) AS product_id,
        unnest(so.solution) AS weight
    FROM (SELECT max_by(gs.solution, gs.step) AS solution FROM gradients AS gs) AS so
    CROSS JOIN system AS y
),
visitor AS (
    SELECT
        nl.length,
        bi.items,
        bi.price
    FROM basket_length AS nl
    CROSS JOIN (
        SELECT
            count(*) AS items,
            avg(pf.price) AS price
        FROM basket_items AS b
        JOIN duckmark.product_features AS pf
            ON pf.product_id = b.product_id
    ) AS bi
),
folded AS (
    SELECT
        f2.product_id,
        sum(fi.weight * list_dot_product(f1.factors, f2.factors)) AS score
    FROM in_factors AS fi
    JOIN duckmark.product_factors AS f1
        ON f1.product_id = fi.product_id
    CROSS JOIN duckmark.product_factors AS f2
    GROUP BY f2.product_id
),
tastes AS (
    SELECT
        p.category,
        count(*) / sum(count(*)) OVER () AS share
    FROM basket_items AS b
    JOIN duckmark.products AS p
        ON p.product_id = b.product_id
    WHERE p.category IS NOT NULL
    GROUP BY p.category
),
parts AS (
    SELECT
        p.product_id,
        p.title,
        p.category,
        p.price,
        [
            coalesce(l.score / nullif(ps.length, 0), 0),
            0,
            coalesce(g.score, 0),
            coalesce(fo.score, 0),
            coalesce(t.share, 0),
            coalesce(abs(ps.price - pf.price), 0),
            pf.popularity,
            pf.recent,
            pf.idle,
            pf.age,
            coalesce(pf.price, 0),
            pf.satisfaction,
            ln(1 + ps.items),
            0
        ]::DOUBLE[] AS x,
        CASE
            WHEN (g.score > 0)::INT + (fo.score > 0)::INT + (l.score > 0)::INT > 1 THEN 'hybrid'
            WHEN g.score > 0 THEN 'items'
            WHEN fo.score > 0 THEN 'factors'
            WHEN l.score > 0 THEN 'content'
            ELSE 'popular'
        END AS source,
        g.because
    FROM duckmark.products AS p
    JOIN duckmark.product_features AS pf
        ON pf.product_id = p.product_id
    CROSS JOIN visitor AS ps
    LEFT JOIN goes_with AS g
        ON g.product_id = p.product_id
    LEFT JOIN likeness AS l
        ON l.product_id = p.product_id
    LEFT JOIN folded AS fo
        ON fo.product_id = p.product_id
    LEFT JOIN tastes AS t
        ON t.category = p.category
    ANTI JOIN basket_items AS b
        ON b.product_id = p.product_id
),
scored AS (
    SELECT
        pt.*,
        duckmark.network_score(pt.x, r.base, r.weights, r.units) AS score
    FROM parts AS pt
    CROSS JOIN duckmark.ranker AS r
)
SELECT
    row_number() OVER (ORDER BY score DESC, product_id) AS rank,
    product_id,
    title,
    category,
    price,
    score,
    source,
    because
FROM scored
QUALIFY rank <= k
ORDER BY rank;
