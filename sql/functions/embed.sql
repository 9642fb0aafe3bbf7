-- Unit vector of a text (`duckmark.embedding`). Where its tokens are known already, they may be given.
CREATE MACRO embed(txt) AS duckmark.embedding(txt, tokenize(txt)),
(txt, terms) AS duckmark.embedding(txt, terms);
