-- The k products that go with a basket, best first, for a visitor of whom nothing else is known: a list of
-- product ids is enough. Score and parts as in `recommend`, the basket standing for the history; the content part
-- is the cosine with the sum of the basket's profiles.
CREATE MACRO recommend_for(basket, k := 10) AS TABLE
WITH basket_items AS (
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
parts AS (
    SELECT
        p.product_id,
        p.title,
        p.category,
        p.price,
        w.content * coalesce(l.score / nullif(n.length, 0), 0) AS content,
        w.items * coalesce(g.score, 0) AS items,
        w.popularity * coalesce(pp.popularity, 0) AS popularity,
        CASE
            WHEN g.score > 0 AND l.score > 0 THEN 'hybrid'
            WHEN g.score > 0 THEN 'items'
            WHEN l.score > 0 THEN 'content'
            ELSE 'popular'
        END AS source,
        g.because
    FROM duckmark.products AS p
    CROSS JOIN duckmark.hybrid_weights AS w
    CROSS JOIN basket_length AS n
    LEFT JOIN goes_with AS g
        ON g.product_id = p.product_id
    LEFT JOIN likeness AS l
        ON l.product_id = p.product_id
    LEFT JOIN duckmark.product_popularity AS pp
        ON pp.product_id = p.product_id
    ANTI JOIN basket_items AS b
        ON b.product_id = p.product_id
)
SELECT
    row_number() OVER (ORDER BY content + items + popularity DESC, product_id) AS rank,
    product_id,
    title,
    category,
    price,
    content + items + popularity AS score,
    source,
    because
FROM parts
QUALIFY rank <= k
ORDER BY rank;
