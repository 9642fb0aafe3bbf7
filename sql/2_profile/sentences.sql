-- One row is a sentence that word vectors are trained on: a document, or the titles of what one person took
-- in one basket (an order, else a day), which puts the words of products that go together side by side.
-- Of a large shop's baskets and reviews about 50,000 each are drawn at most.
CREATE VIEW duckmark.sentences AS
WITH baskets AS (
    SELECT DISTINCT
        user_id,
        order_id,
        CASE WHEN order_id IS NULL THEN CAST(happened_at AS DATE) END AS day
    FROM duckmark.events
    WHERE user_id IS NOT NULL
),
named AS (
    SELECT
        *,
        concat_ws(' ', user_id, coalesce(order_id, CAST(day AS VARCHAR))) AS basket_id
    FROM baskets
),
drawn AS (
    SELECT *
    FROM named
    WHERE duckmark.is_drawn(basket_id, (SELECT count(*) FROM named), 50000)
),
taken AS (
    SELECT
        n.basket_id,
        e.product_id,
        e.event_id
    FROM duckmark.events AS e
    JOIN drawn AS n
        ON n.user_id = e.user_id
        AND n.order_id IS NOT DISTINCT FROM e.order_id
        AND n.day IS NOT DISTINCT FROM CASE WHEN e.order_id IS NULL THEN CAST(e.happened_at AS DATE) END
),
products AS (
    SELECT *
    FROM duckmark.documents
    WHERE source = 'product'
),
reviews AS (
    SELECT *
    FROM duckmark.documents
    WHERE source = 'review'
)
SELECT
    source,
    document_id AS sentence_id,
    terms
FROM products
UNION ALL
SELECT
    source,
    document_id,
    terms
FROM reviews
WHERE duckmark.is_drawn(document_id, (SELECT count(*) FROM reviews), 50000)
UNION ALL
SELECT
    'basket',
    t.basket_id,
    flatten(list(d.terms ORDER BY t.event_id))
FROM taken AS t
JOIN products AS d
    ON d.document_id = t.product_id
GROUP BY t.basket_id;
