-- One row is one row of the events source, read but not yet judged: ids cleaned, values typed, and a flag
-- where a value was given that could not be used. A refresh finds here what earlier loads brought.
--
-- A row that names no kind is a review, a rating, a purchase or a view by what it holds. Stars make it feedback,
-- whatever stands beside them; without any, a text beside an order or a quantity is a note to a purchase, which feedback
-- sees all the same, as it goes by texts and not by kinds; and a price beside a text alone may be the product's, as in
-- files of reviews. A purchase of a negative quantity is a return.
--
-- append
CREATE TABLE duckmark.raw_events AS
WITH kind_names AS (
    SELECT
        kind,
        unnest(names) AS name
    FROM duckmark.event_kinds
),
written AS (
    SELECT
        *,
        duckmark.clean_id(user_id) AS user_text,
        duckmark.clean_id(product_id) AS product_text,
        duckmark.known_id(duckmark.clean_id(order_id)) AS order_known,
        regexp_replace(lower(CAST(kind AS VARCHAR)), '[^\pL\pN]+', '', 'g') AS kind_text,
        TRY_CAST(rating AS DOUBLE) AS rating_number,
        TRY_CAST(quantity AS DECIMAL(18, 3)) AS quantity_number,
        TRY_CAST(price AS DECIMAL(18, 4)) AS price_number,
        CASE WHEN regexp_matches(CAST(text AS VARCHAR), '\S') THEN CAST(text AS VARCHAR) END AS words
    FROM source_events
),
-- Whether a value was written at all; a number that was read needs no second look. A rating of nothing is none: a book
-- yet to be read, a course not rated.
given AS (
    SELECT
        *,
        CASE WHEN rating_number IS NULL THEN coalesce(trim(CAST(rating AS VARCHAR)) <> '', false) ELSE rating_number > 0 END
            AS rating_given,
        CASE WHEN quantity_number IS NULL THEN coalesce(trim(CAST(quantity AS VARCHAR)) <> '', false) ELSE true END
            AS quantity_given,
        CASE WHEN price_number IS NULL THEN coalesce(trim(CAST(price AS VARCHAR)) <> '', false) ELSE true END
            AS price_given
    FROM written
),
named AS (
    SELECT
        given.*,
        coalesce(
            kind_names.kind,
            CASE
                WHEN rating_given AND words IS NOT NULL THEN 'review'
                WHEN rating_given THEN 'rating'
                WHEN order_known IS NOT NULL OR quantity_given THEN 'purchase'
                WHEN words IS NOT NULL THEN 'review'
                WHEN price_given THEN 'purchase'
                ELSE 'view'
            END
        ) AS event_kind
    FROM given
    LEFT JOIN kind_names
        ON kind_names.name = kind_text
)
SELECT
    source_id * 1099511627776 + source_row AS event_id,
    source_id,
    user_expected,
    duckmark.known_id(user_text) AS user_id,
    duckmark.known_id(product_text) AS product_id,
    CASE WHEN event_kind = 'purchase' AND quantity_number < 0 THEN 'return' ELSE event_kind END AS kind,
    CASE WHEN rating_number > 0 AND rating_number <= 5 THEN rating_number END AS rating,
    words AS text,
    quantity_number AS quantity,
    price_number AS price,
    CAST(happened_at AS TIMESTAMP) AS happened_at,
    nullif(trim(CAST(channel AS VARCHAR)), '') AS channel,
    order_known AS order_id,
    nullif(trim(CAST(title AS VARCHAR)), '') AS title,
    nullif(trim(CAST(description AS VARCHAR)), '') AS description,
    nullif(trim(CAST(category AS VARCHAR)), '') AS category,
    user_attributes,
    product_attributes,
    rating_given AND rating_number IS NULL AS rating_unreadable,
    coalesce(NOT (rating_number > 0 AND rating_number <= 5), false) AS rating_out_of_range,
    quantity_given AND quantity_number IS NULL AS quantity_unreadable,
    price_given AND price_number IS NULL AS price_unreadable,
    time_given AND happened_at IS NULL AS time_unreadable
FROM named;
