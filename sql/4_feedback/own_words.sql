-- One row is a word of a product's own title or category, in the form that stands for all of its forms: what a product
-- is called and made of, which is no news of it.
CREATE VIEW duckmark.own_words AS
SELECT
    pt.product_id,
    coalesce(wf.form, pt.term) AS term
FROM duckmark.product_terms AS pt
LEFT JOIN duckmark.product_languages AS pl
    ON pl.product_id = pt.product_id
LEFT JOIN duckmark.term_groups AS wf
    ON wf.language = pl.language AND wf.term = pt.term
WHERE pt.own_count > 1;
