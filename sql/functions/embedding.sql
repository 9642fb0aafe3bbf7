-- Unit vector of a text with these terms: their profile under the file's word vectors. In a file whose embedder is a
-- transformer, which reads whole texts, the vector that the file holds of this text (a product's, its title or a
-- review); any other text is NULL in plain SQL, as only Python can encode it (`models` says so).
CREATE MACRO duckmark.embedding(txt, terms) AS (
    WITH known_text AS (
        SELECT any_value(known.vector) AS text_vector
        FROM duckmark.text_vectors AS known
        WHERE known.text = txt
    ),
    text_of_terms AS (
        SELECT CASE WHEN txt IS NOT NULL THEN tfidf_profile(terms) END AS text_vector
    )
    SELECT text_vector
    FROM query_table(CASE WHEN duckmark.reads_whole_texts() THEN 'known_text' ELSE 'text_of_terms' END)
);
