-- One row is a user's profile as a unit vector: the TF-IDF-weighted sum of their terms' word vectors.
-- key: user_id
CREATE TABLE duckmark.user_vectors AS
SELECT
    user_id,
    tfidf_profile(
        list(term ORDER BY term),
        list(weight ORDER BY term)
    ) AS vector
FROM duckmark.user_terms
GROUP BY user_id
ORDER BY user_id;
