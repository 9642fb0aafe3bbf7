-- Unit vector of a text with these terms: their profile under the file's word vectors. In a file whose embedder is a
-- transformer, which reads whole texts, the vector that the file holds of this text (a product's, its title or a
-- review); any other text is NULL in plain SQL, as only Python can encode it (`models` says so).
CREATE MACRO duckmark.embedding(txt, terms) AS coalesce(
    (SELECT any_value(known_text.vector) FROM duckmark.text_vectors AS known_text WHERE known_text.text = txt),
    CASE WHEN txt IS NOT NULL AND NOT EXISTS (FROM duckmark.text_vectors) THEN tfidf_profile(terms) END
);
