-- One row is a category with a user who chose from it, as in `duckmark.user_categories`, in the order of categories:
-- those who are at home in one stand together. DuckDB knows of a stretch of rows which numbers it holds, but of texts no
-- more than their first 8 bytes, which may be those of all categories: rows are in the order of a number of theirs. The
-- users' own are here as well, as a category of a large shop has too many to make them anew for each answer.
-- key: user_id
CREATE TABLE duckmark.category_users AS
SELECT
    n.category_number,
    duckmark.id_number(uc.user_id) AS user_number,
    uc.category,
    uc.user_id,
    uc.share
FROM duckmark.user_categories AS uc
JOIN (
    SELECT
        d.category,
        duckmark.id_number(d.category) AS category_number
    FROM (SELECT DISTINCT known.category FROM duckmark.user_categories AS known) AS d
) AS n
    ON n.category = uc.category
ORDER BY n.category_number, uc.category, uc.user_id;
