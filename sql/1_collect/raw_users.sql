-- One row is one row of the users source, its id cleaned. A refresh finds here what earlier loads brought.
--
-- append
CREATE TABLE duckmark.raw_users AS
WITH written AS (
    SELECT
        *,
        duckmark.clean_id(user_id) AS user_text
    FROM source_users
)
SELECT
    source_id * 1099511627776 + source_row AS raw_id,
    source_id,
    duckmark.known_id(user_text) AS user_id,
    attributes
FROM written;
