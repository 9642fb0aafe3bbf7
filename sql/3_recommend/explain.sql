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
-- The pair is one row, or none for who has no events. All but a category's share is found by primary keys.
WITH pair AS MATERIALIZED (
    SELECT
        su.vector AS user_vector,
        su.factors AS user_factors,
        su.price AS user_price,
        su.history,
        su.away,
        sh.vector,
        sh.factors,
        pf.price,
        pf.popularity,
        pf.recent,
        pf.idle,
        pf.age,
        pf.satisfaction,
        uc.share
    FROM duckmark.scored_users AS su
    CROSS JOIN duckmark.product_features AS pf
    CROSS JOIN duckmark.shown_products AS sh
    LEFT JOIN duckmark.user_categories AS uc
        ON uc.user_id = su.user_id AND uc.category = sh.category
    WHERE su.user_id = CAST(for_user AS VARCHAR)
        AND pf.product_id = CAST(for_product AS VARCHAR)
        AND sh.product_number = duckmark.id_number(CAST(for_product AS VARCHAR))
),
past AS MATERIALIZED (
    SELECT
        h.product_id,
        h.weight,
        coalesce(hp.title, 'a product they have') AS title,
        hp.factors
    FROM duckmark.histories AS h
    JOIN duckmark.shown_products AS hp
        ON hp.product_number = duckmark.id_number(h.product_id)
    WHERE h.user_id = CAST(for_user AS VARCHAR)
),
evidence AS MATERIALIZED (
    SELECT
        'content' AS feature,
        'term' AS kind,
        ut.term AS item,
        'their word' AS detail,
        ut.weight * t.idf * array_inner_product(duckmark.as_profile(t.vector), pr.vector)
            / sum(ut.weight * t.idf * array_inner_product(duckmark.as_profile(t.vector), pr.user_vector)) OVER ()
            AS value
    FROM duckmark.user_terms AS ut
    JOIN duckmark.terms AS t
        ON t.term = ut.term
    CROSS JOIN pair AS pr
    WHERE ut.user_id = CAST(for_user AS VARCHAR)
    UNION ALL
    SELECT
        'collaborative',
        'neighbour',
        n.neighbour_id,
        'similarity ' || round(n.similarity, 3) || ' x rating ' || round(ta.rating, 1),
        n.share * ta.preference
    FROM duckmark.takers AS ta
    JOIN duckmark.user_neighbours AS n
        ON n.neighbour_id = ta.user_id
    WHERE n.user_id = CAST(for_user AS VARCHAR) AND ta.product_id = CAST(for_product AS VARCHAR)
    UNION ALL
    SELECT
        'items',
        'item',
        pa.product_id,
        pa.title,
        pa.weight * g.weight
    FROM duckmark.item_weights AS g
    JOIN past AS pa
        ON pa.product_id = g.product_id
    WHERE g.for_product_id = CAST(for_product AS VARCHAR)
    UNION ALL
    SELECT
        'factors',
        'item',
        pa.product_id,
        pa.title,
        fw.weight * array_inner_product(pa.factors, pr.factors)
    FROM duckmark.factor_weights AS fw
    JOIN past AS pa
        ON pa.product_id = fw.product_id
    CROSS JOIN pair AS pr
    WHERE fw.user_id = CAST(for_user AS VARCHAR) AND pa.factors IS NOT NULL
),
-- The ranker where it is linear: the units that are on for the pair's features.
active AS (
    SELECT
        f.x,
        r.features,
        r.base,
        r.weights,
        list_filter(r.units, lambda unit: unit.bias + list_dot_product(unit.weights, f.x) > 0) AS units
    FROM (
        SELECT duckmark.features(
            pr.user_price, pr.history, pr.away,
            pr.price, pr.popularity, pr.recent, pr.idle, pr.age, pr.satisfaction,
            array_inner_product(pr.user_vector, pr.vector), array_inner_product(pr.user_factors, pr.factors),
            s.collaborative, s.items, pr.share
        ) AS x
        FROM pair AS pr
        CROSS JOIN (
            SELECT
                sum(ev.value) FILTER (WHERE ev.feature = 'collaborative') AS collaborative,
                sum(ev.value) FILTER (WHERE ev.feature = 'items') AS items
            FROM evidence AS ev
        ) AS s
    ) AS f
    CROSS JOIN duckmark.ranker AS r
),
-- The base is what a feature would add that is always 1, and the bias of a unit its weight there.
steps AS (
    SELECT
        pl.feature,
        pl.value,
        pl.weight + coalesce(list_sum(list_transform(
            pl.units,
            lambda unit: unit.output * coalesce(unit.weights[pl.place], unit.bias)
        )), 0) AS weight
    FROM (
        SELECT
            unnest(list_append(a.features, 'base')) AS feature,
            unnest(list_append(a.x, 1)) AS value,
            unnest(list_append(a.weights, a.base)) AS weight,
            unnest(range(1, len(a.x) + 2)) AS place,
            a.units
        FROM active AS a
    ) AS pl
),
parts AS (
    SELECT
        s.feature AS part,
        coalesce(ev.kind, 'factor') AS kind,
        coalesce(ev.item, replace(s.feature, '_', ' ')) AS item,
        CASE
            WHEN ev.kind IS NOT NULL THEN ev.detail
            WHEN s.feature = 'base' THEN 'the ranker''s constant'
            ELSE 'value ' || round(s.value, 3)
        END AS detail,
        s.weight * coalesce(ev.value, s.value) AS contribution
    FROM steps AS s
    LEFT JOIN evidence AS ev
        ON ev.feature = s.feature
    UNION ALL
    SELECT
        'popularity',
        'factor',
        coalesce('popular in segment ' || sp.segment, 'popular with everyone'),
        coalesce(
            coalesce(sp.users, nullif(pp.users, 0)) || ' people',
            pp.events || ' events'
        ),
        coalesce(sp.popularity, pp.popularity)
    FROM (
        SELECT
            CAST(for_user AS VARCHAR) AS user_id,
            CAST(for_product AS VARCHAR) AS product_id
        FROM (SELECT count(*) AS pairs FROM pair) AS known
        WHERE known.pairs = 0
    ) AS st
    JOIN duckmark.product_popularity AS pp
        ON pp.product_id = st.product_id
    LEFT JOIN duckmark.user_segments AS us
        ON us.user_id = st.user_id
    LEFT JOIN duckmark.segment_popularity AS sp
        ON sp.product_id = pp.product_id AND sp.segment = us.segment
)
SELECT *
FROM parts AS pt
WHERE pt.contribution <> 0
ORDER BY abs(pt.contribution) DESC, pt.item;
