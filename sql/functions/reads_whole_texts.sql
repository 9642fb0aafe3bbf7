-- Whether the file's profiles are a transformer's of whole texts (`duckmark.text_vectors`), not made of word vectors.
-- settled
CREATE MACRO duckmark.reads_whole_texts() AS (
    SELECT count(*) > 0
    FROM duckmark.text_vectors
);
