-- What people like about a product: the k terms in which its positive reviews stand out, best first: how many of these
-- have the term, which share of them, how much it stands out (`score`, a z), and a sentence that has it.
CREATE MACRO praises(for_product, k := 10) AS TABLE
SELECT
    rank,
    term,
    reviews,
    share,
    score,
    example
FROM duckmark.product_issues(for_product, 'positive', k := k)
ORDER BY rank;
