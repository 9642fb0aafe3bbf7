-- Why a product is (or would be) recommended to a user: one row a term, neighbour, item or factor, with what it adds to
-- the score. The contributions add up to the score that `recommend` and `audience` give.
--   term       the user's term: its share in the cosine of the two profiles
--   neighbour  a person of similar taste: similarity share x their preference for the product
--   item       a product in the user's history: its weight there x what it says of this one
--   factor     popularity (in the segment, for those of whose own taste nothing is known)
-- `explain` alone is a statement of SQL, so it is asked as FROM explain(user, product).
CREATE MACRO explain(for_user, for_product) AS TABLE
WITH weights AS (
    FROM duckmark.hybrid_weights
),
target AS (
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
standing AS (
    SELECT
        us.segment
    FROM duckmark.user_segments AS us
    WHERE us.user_id = CAST(for_user AS VARCHAR)
        AND NOT EXISTS (FROM person)
        AND NOT EXISTS (SELECT 1 FROM duckmark.user_neighbours AS n WHERE n.user_id = us.user_id)
        AND NOT EXISTS (SELECT 1 FROM duckmark.histories AS h WHERE h.user_id = us.user_id)
),
parts AS (
    SELECT
        'content' AS part,
        'term' AS kind,
        t.term AS item,
        'their word' AS detail,
        w.content * t.toward_product / sum(t.toward_self) OVER () AS contribution
    FROM terms AS t
    CROSS JOIN weights AS w
    UNION ALL
    SELECT
        'collaborative',
        'neighbour',
        n.neighbour_id,
        'similarity ' || round(n.similarity, 3) || ' x rating ' || round(n.rating, 1),
        w.collaborative * n.share * n.preference
    FROM neighbours AS n
    CROSS JOIN weights AS w
    UNION ALL
    SELECT
        'items',
        'item',
        h.product_id,
        coalesce(p.title, 'a product they have'),
        w.items * h.weight * g.weight
    FROM duckmark.histories AS h
    JOIN duckmark.item_weights AS g
        ON g.product_id = h.product_id
    JOIN duckmark.products AS p
        ON p.product_id = h.product_id
    CROSS JOIN weights AS w
    WHERE h.user_id = CAST(for_user AS VARCHAR) AND g.for_product_id = CAST(for_product AS VARCHAR)
    UNION ALL
    SELECT
        'popularity',
        'factor',
        coalesce('popular in segment ' || s.segment, 'popular with everyone'),
        coalesce(s.users, n.users) || ' people',
        w.popularity * coalesce(s.popularity, n.popularity)
    FROM duckmark.product_popularity AS n
    CROSS JOIN weights AS w
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
    WHERE n.product_id = CAST(for_product AS VARCHAR)
)
SELECT
    part,
    kind,
    item,
    detail,
    contribution
FROM parts
ORDER BY abs(contribution) DESC, item;
