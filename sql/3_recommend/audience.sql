-- The k users to tell about a product, best first: those with the highest score for it who do not have it yet, by the
-- features of `duckmark.pair_features` and the ranker, with what each kind of evidence says.
CREATE MACRO audience(for_product, k := 10) AS TABLE
WITH target AS (
    SELECT
        pf.*,
        p.category,
        v.vector,
        ft.factors
    FROM duckmark.product_features AS pf
    JOIN duckmark.products AS p
        ON p.product_id = pf.product_id
    LEFT JOIN duckmark.product_vectors AS v
        ON v.product_id = pf.product_id
    LEFT JOIN duckmark.product_factors AS ft
        ON ft.product_id = pf.product_id
    WHERE pf.product_id = CAST(for_product AS VARCHAR)
),
takers AS (
    SELECT
        i.user_id,
        i.preference
    FROM duckmark.interactions AS i
    JOIN target AS t
        ON t.product_id = i.product_id
),
liked AS (
    SELECT
        n.user_id,
        sum(n.share * t.preference) AS preference
    FROM duckmark.user_neighbours AS n
    JOIN takers AS t
        ON t.user_id = n.neighbour_id
    GROUP BY n.user_id
),
goes_with AS (
    SELECT
        h.user_id,
        sum(h.weight * i.weight) AS score
    FROM duckmark.item_weights AS i
    JOIN target AS t
        ON t.product_id = i.for_product_id
    JOIN duckmark.histories AS h
        ON h.product_id = i.product_id
    GROUP BY h.user_id
),
parts AS (
    SELECT
        uf.user_id,
        s.segment,
        [
            coalesce(list_cosine_similarity(v.vector, t.vector), 0),
            coalesce(l.preference, 0),
            coalesce(g.score, 0),
            coalesce(list_dot_product(ft.factors, t.factors), 0),
            coalesce(uc.share, 0),
            coalesce(abs(uf.price - t.price), 0),
            t.popularity,
            t.recent,
            t.idle,
            t.age,
            coalesce(t.price, 0),
            t.satisfaction,
            uf.history,
            uf.away
        ]::DOUBLE[] AS x
    FROM duckmark.user_features AS uf
    CROSS JOIN target AS t
    JOIN duckmark.user_segments AS s
        ON s.user_id = uf.user_id
    LEFT JOIN duckmark.user_vectors AS v
        ON v.user_id = uf.user_id
    LEFT JOIN duckmark.user_factors AS ft
        ON ft.user_id = uf.user_id
    LEFT JOIN duckmark.user_categories AS uc
        ON uc.user_id = uf.user_id AND uc.category = t.category
    LEFT JOIN liked AS l
        ON l.user_id = uf.user_id
    LEFT JOIN goes_with AS g
        ON g.user_id = uf.user_id
    ANTI JOIN takers AS o
        ON o.user_id = uf.user_id
),
scored AS (
    SELECT
        pt.user_id,
        pt.segment,
        duckmark.network_score(pt.x, r.base, r.weights, r.units) AS score,
        pt.x
    FROM parts AS pt
    CROSS JOIN duckmark.ranker AS r
)
SELECT
    row_number() OVER (ORDER BY score DESC, user_id) AS rank,
    user_id,
    segment,
    score,
    x[1] AS content,
    x[2] AS collaborative,
    x[3] AS items,
    x[4] AS factors
FROM scored
QUALIFY rank <= k
ORDER BY rank;
