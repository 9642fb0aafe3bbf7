-- Whether a term tells of a label ('negative' or 'positive') in a group's reviews: at least two of the group's reviews of
-- the label and one in thirty have it, and in the shop its odds of the label are at least 1.1 times those of all terms,
-- of whose mentions the share `lean_of_all` is of the label.
CREATE MACRO duckmark.is_telling(labelled_here, reviews_here, labelled_in_shop, said_in_shop, lean_of_all) AS
    labelled_here >= greatest(2, reviews_here / 30)
    AND labelled_in_shop * (1 - lean_of_all) >= 1.1 * (said_in_shop - labelled_in_shop) * lean_of_all;
