-- What people complain of about a product: the k terms in which its negative reviews stand out, worst first: how many
-- of these have the term, which share of them, how much it stands out (`score`, a z), and a sentence that has it.
CREATE MACRO complaints(for_product, k := 10) AS TABLE
SELECT
    rank,
    term,
    reviews,
    share,
    score,
    example
FROM duckmark.product_issues(for_product, 'negative', k := k)
ORDER BY rank;
