-- The k products to show a user next, best first, none that they already have, each with its source: what of their own
-- taste speaks for it, 'content' | 'collaborative' | 'items' | 'factors' or, where it is several, 'hybrid'; then 'segment'
-- (popular with people like them), then 'popular' (with everyone); an unknown user gets what is popular. The first come
-- from the stored list; whoever asks for more gets the rest of `scores`.
-- Two wishes reorder the first candidates, each from 0, the default, to 1 (`duckmark.reordered`): damping counts
-- popularity against a product, diversity takes those that are unlike what stands above them.
CREATE MACRO recommend(for_user, k := 10, diversity := 0, damping := 0) AS TABLE
WITH pool AS (
    SELECT *
    FROM duckmark.candidates(for_user, k)
),
reordered AS (
    SELECT *
    FROM duckmark.reordered(for_user, k, diversity, damping)
),
-- Only the relation that is named is planned: so k, diversity and damping are constants or parameters.
chosen AS (
    SELECT *
    FROM query_table(CASE WHEN diversity > 0 OR damping > 0 THEN 'reordered' ELSE 'pool' END)
)
SELECT
    c.place AS rank,
    c.product_id,
    p.title,
    p.category,
    p.price,
    c.score,
    c.source,
    duckmark.reason(
        c.source,
        CASE WHEN c.because IS NOT NULL THEN coalesce(b.title, c.because) END,
        c.takers,
        c.words
    ) AS reason
FROM chosen AS c
JOIN duckmark.shown_products AS p
    ON p.product_number = duckmark.id_number(c.product_id)
JOIN duckmark.shown_products AS b
    ON b.product_number = duckmark.id_number(coalesce(c.because, c.product_id))
ORDER BY c.place;
