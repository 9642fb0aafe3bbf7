-- The k users to tell about a product, best first: those with the highest score for it who do not have it yet.
-- score = content weight x cosine of the two profiles
--       + collaborative weight x sum over the user's neighbours of share x preference for the product
--       + items weight x sum over the user's history of its weight x what that product says of this one
--       + popularity weight x popularity of the product, with the weights of `duckmark.hybrid_weights`.
CREATE MACRO audience(for_product, k := 10) AS TABLE
WITH target AS (
    SELECT
        p.product_id,
        v.vector,
        coalesce(n.popularity, 0) AS popularity
    FROM duckmark.products AS p
    LEFT JOIN duckmark.product_vectors AS v
        ON v.product_id = p.product_id
    LEFT JOIN duckmark.product_popularity AS n
        ON n.product_id = p.product_id
    WHERE p.product_id = CAST(for_product AS VARCHAR)
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
        s.user_id,
        s.segment,
        w.content * coalesce(list_cosine_similarity(v.vector, t.vector), 0) AS content,
        w.collaborative * coalesce(l.preference, 0) AS collaborative,
        w.items * coalesce(g.score, 0) AS items,
        w.popularity * t.popularity AS popularity
    FROM duckmark.user_segments AS s
    CROSS JOIN target AS t
    CROSS JOIN duckmark.hybrid_weights AS w
    LEFT JOIN duckmark.user_vectors AS v
        ON v.user_id = s.user_id
    LEFT JOIN liked AS l
        ON l.user_id = s.user_id
    LEFT JOIN goes_with AS g
        ON g.user_id = s.user_id
    ANTI JOIN takers AS o
        ON o.user_id = s.user_id
)
SELECT
    row_number() OVER (ORDER BY content + collaborative + items + popularity DESC, user_id) AS rank,
    user_id,
    segment,
    content + collaborative + items + popularity AS score,
    content,
    collaborative,
    items,
    popularity
FROM parts
QUALIFY rank <= k
ORDER BY rank;
