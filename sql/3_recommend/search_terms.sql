-- One row is a term with a product in whose own text it stands, in the order of terms: the products of a search stand
-- together.
-- key: product_id
CREATE TABLE duckmark.search_terms AS
SELECT
    term,
    product_id
FROM duckmark.product_terms
WHERE own_count > 0
ORDER BY term, product_id;
