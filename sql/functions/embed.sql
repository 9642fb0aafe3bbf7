-- Unit vector of a text under the file's word vectors: the profile of its tokens.
CREATE MACRO embed(txt) AS tfidf_profile(tokenize(txt));
