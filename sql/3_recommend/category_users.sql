-- One row is a category with a user who chose from it, as in `duckmark.user_categories`, in the order of categories:
-- those who are at home in one stand together.
-- key: user_id
CREATE TABLE duckmark.category_users AS
SELECT
    category,
    user_id,
    share
FROM duckmark.user_categories
ORDER BY category, user_id;
