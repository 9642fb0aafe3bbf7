-- One row is a sentence that word vectors are trained on: a document, or the titles of what one person took
-- in one basket (an order, else a day), which puts the words of products that go together side by side.
CREATE VIEW duckmark.sentences AS
SELECT
    source,
    document_id AS sentence_id,
    terms
FROM duckmark.documents
UNION ALL
SELECT
    'basket',
    concat_ws(' ', e.user_id, coalesce(e.order_id, CAST(CAST(e.happened_at AS DATE) AS VARCHAR))),
    flatten(list(d.terms ORDER BY e.event_id))
FROM duckmark.events AS e
JOIN duckmark.documents AS d
    ON d.source = 'product' AND d.document_id = e.product_id
WHERE e.user_id IS NOT NULL
GROUP BY ALL;
