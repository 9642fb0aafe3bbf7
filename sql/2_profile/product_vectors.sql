-- One row is a product's profile as a unit vector: the TF-IDF-weighted sum of its terms' word vectors.
-- key: product_id
CREATE TABLE duckmark.product_vectors AS
SELECT
    product_id,
    tfidf_profile(
        list(term ORDER BY term),
        list(weight ORDER BY term)
    ) AS vector
FROM duckmark.product_terms
GROUP BY product_id
ORDER BY product_id;
