-- One row is a term in which the complaints about a category stand out, up to five of each, worst first: how many of
-- its negative reviews have it, which share of them, how much it stands out (`score`, a z), and a sentence that has it.
CREATE VIEW category_complaints AS
SELECT
    category,
    rank,
    term,
    reviews,
    share,
    score,
    example
FROM duckmark.category_issues;
