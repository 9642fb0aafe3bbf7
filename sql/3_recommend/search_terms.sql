-- One row is a term with a product in whose own text it stands, and how like the product's profile the term's vector is:
-- as a query's vector is a sum of those of its terms, so is its cosine with a product, which a search so knows of
-- products that have all its terms, and about as well of others, before it reads their profiles.
-- In the order of terms: the products of a search stand together.
-- key: product_id
CREATE TABLE duckmark.search_terms AS
SELECT
    pt.term,
    v.product_number,
    pt.product_id,
    CAST(coalesce(list_dot_product(t.vector, v.vector), 0) AS FLOAT) AS likeness
FROM duckmark.product_terms AS pt
JOIN (
    SELECT
        p.product_id,
        duckmark.id_number(p.product_id) AS product_number,
        pv.vector
    FROM duckmark.products AS p
    LEFT JOIN duckmark.product_vectors AS pv
        ON pv.product_id = p.product_id
) AS v
    ON v.product_id = pt.product_id
LEFT JOIN duckmark.terms AS t
    ON t.term = pt.term
WHERE pt.own_count > 0
ORDER BY pt.term, v.product_number;
