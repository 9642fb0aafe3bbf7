-- Why a product is (or would be) recommended to a user: one row a term, neighbour, item or factor, with what it adds to
-- the score. The contributions add up to the score that `recommend`, `scores` and `audience` give.
--   term       the user's term: its share in the cosine of the two profiles
--   neighbour  a person of similar taste: similarity share x their preference for the product
--   item       a product in the user's history: what it says of this one, by item weights or by factors
--   factor     what is known of the product or the user alone, and the ranker's base
-- Each part is multiplied by what the ranker makes of it there: a network of rectified units is linear around each
-- pair, so the parts are exact. Of whose own taste nothing is known, popularity is all there is to say.
-- `explain` alone is a statement of SQL, so it is asked as FROM explain(user, product).
CREATE MACRO explain(for_user, for_product) AS TABLE
WITH target AS (
    SELECT
        pv.vector
    FROM duckmark.product_vectors AS pv
    WHERE pv.product_id = CAST(for_product AS VARCHAR) AND pv.vector IS NOT NULL
),
person AS (
    SELECT
        uv.vector
    FROM duckmark.user_vectors AS uv
    WHERE uv.user_id = CAST(for_user AS VARCHAR) AND uv.vector IS NOT NULL
),
standing AS (
    SELECT
        us.segment
    FROM duckmark.user_segments AS us
    WHERE us.user_id = CAST(for_user AS VARCHAR)
),
has_taste AS (
    SELECT 1 AS known
    WHERE EXISTS (FROM person)
        OR EXISTS (SELECT 1 FROM duckmark.user_neighbours AS n WHERE n.user_id = CAST(for_user AS VARCHAR))
        OR EXISTS (SELECT 1 FROM duckmark.histories AS h WHERE h.user_id = CAST(for_user AS VARCHAR))
),
active AS (
    SELECT
        f.x,
        r.features,
        r.base,
        r.weights,
        list_filter(r.units, lambda unit: unit.bias + list_dot_product(unit.weights, f.x) > 0) AS units
    FROM duckmark.pair_features(for_user) AS f
    CROSS JOIN duckmark.ranker AS r
    CROSS JOIN has_taste
    WHERE f.product_id = CAST(for_product AS VARCHAR)
),
places AS (
    SELECT unnest(range(1, len(c.features) + 1)) AS place
    FROM duckmark.ranker AS c
),
bends AS (
    SELECT
        pc.place,
        sum(lit.unit.output * lit.unit.weights[pc.place]) AS weight
    FROM (SELECT unnest(ac.units) AS unit FROM active AS ac) AS lit
    CROSS JOIN places AS pc
    GROUP BY pc.place
),
steps AS (
    SELECT
        a.features[g.place] AS feature,
        a.x[g.place] AS value,
        a.weights[g.place] + coalesce(b.weight, 0) AS weight
    FROM active AS a
    CROSS JOIN places AS g
    LEFT JOIN bends AS b
        ON b.place = g.place
),
terms AS (
    SELECT
        ut.term,
        ut.weight * t.idf * list_dot_product(t.vector, tg.vector) AS toward_product,
        ut.weight * t.idf * list_dot_product(t.vector, ps.vector) AS toward_self
    FROM duckmark.user_terms AS ut
    JOIN duckmark.terms AS t
        ON t.term = ut.term
    CROSS JOIN target AS tg
    CROSS JOIN person AS ps
    WHERE ut.user_id = CAST(for_user AS VARCHAR)
),
neighbours AS (
    SELECT
        n.neighbour_id,
        n.similarity,
        n.share,
        i.rating,
        i.preference
    FROM duckmark.user_neighbours AS n
    JOIN duckmark.interactions AS i
        ON i.user_id = n.neighbour_id
    WHERE n.user_id = CAST(for_user AS VARCHAR) AND i.product_id = CAST(for_product AS VARCHAR)
),
in_factors AS (
    SELECT
        fw.product_id,
        fw.weight * list_dot_product(f1.factors, f2.factors) AS contribution
    FROM duckmark.factor_weights AS fw
    JOIN duckmark.product_factors AS f1
        ON f1.product_id = fw.product_id
    CROSS JOIN duckmark.product_factors AS f2
    WHERE fw.user_id = CAST(for_user AS VARCHAR) AND f2.product_id = CAST(for_product AS VARCHAR)
),
parts AS (
    SELECT
        s.feature AS part,
        'term' AS kind,
        t.term AS item,
        'their word' AS detail,
        s.weight * t.toward_product / sum(t.toward_self) OVER () AS contribution
    FROM terms AS t
    JOIN steps AS s
        ON s.feature = 'content'
    UNION ALL
    SELECT
        s.feature,
        'neighbour',
        n.neighbour_id,
        'similarity ' || round(n.similarity, 3) || ' x rating ' || round(n.rating, 1),
        s.weight * n.share * n.preference
    FROM neighbours AS n
    JOIN steps AS s
        ON s.feature = 'collaborative'
    UNION ALL
    SELECT
        s.feature,
        'item',
        h.product_id,
        coalesce(p.title, 'a product they have'),
        s.weight * h.weight * g.weight
    FROM duckmark.histories AS h
    JOIN duckmark.item_weights AS g
        ON g.product_id = h.product_id
    JOIN duckmark.products AS p
        ON p.product_id = h.product_id
    JOIN steps AS s
        ON s.feature = 'items'
    WHERE h.user_id = CAST(for_user AS VARCHAR) AND g.for_product_id = CAST(for_product AS VARCHAR)
    UNION ALL
    SELECT
        s.feature,
        'item',
        fa.product_id,
        coalesce(p.title, 'a product they have'),
        s.weight * fa.contribution
    FROM in_factors AS fa
    JOIN duckmark.products AS p
        ON p.product_id = fa.product_id
    JOIN steps AS s
        ON s.feature = 'factors'
    UNION ALL
    SELECT
        s.feature,
        'factor',
        replace(s.feature, '_', ' '),
        'value ' || round(s.value, 3),
        s.weight * s.value
    FROM steps AS s
    WHERE s.feature NOT IN ('content', 'collaborative', 'items', 'factors') AND s.weight * s.value <> 0
    UNION ALL
    SELECT
        'base',
        'factor',
        'base',
        'the ranker''s constant',
        a.base + coalesce(list_sum(list_transform(a.units, lambda unit: unit.output * unit.bias)), 0)
    FROM active AS a
    UNION ALL
    SELECT
        'popularity',
        'factor',
        coalesce('popular in segment ' || s.segment, 'popular with everyone'),
        coalesce(s.users, n.users) || ' people',
        coalesce(s.popularity, n.popularity)
    FROM duckmark.product_popularity AS n
    LEFT JOIN (
        SELECT
            sp.segment,
            sp.product_id,
            sp.users,
            sp.popularity
        FROM duckmark.segment_popularity AS sp
        JOIN standing AS st
            ON st.segment = sp.segment
    ) AS s
        ON s.product_id = n.product_id
    WHERE n.product_id = CAST(for_product AS VARCHAR) AND NOT EXISTS (FROM has_taste)
)
SELECT
    part,
    kind,
    item,
    detail,
    contribution
FROM parts
WHERE contribution <> 0
ORDER BY abs(contribution) DESC, item;
