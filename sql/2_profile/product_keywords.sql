-- One row is a product with the ten terms that tell it apart best: the highest weight x idf,
-- which stands beside each.
-- key: product_id
CREATE TABLE duckmark.product_keywords AS
SELECT
    product_id,
    list(term ORDER BY importance DESC, term) AS keywords,
    list(importance ORDER BY importance DESC, term) AS keyword_weights
FROM (
    SELECT
        p.product_id,
        p.term,
        p.weight * t.idf AS importance
    FROM duckmark.product_terms AS p
    JOIN duckmark.terms AS t
        ON t.term = p.term
    QUALIFY row_number() OVER (PARTITION BY p.product_id ORDER BY p.weight * t.idf DESC, p.term) <= 10
)
GROUP BY product_id
ORDER BY product_id;
