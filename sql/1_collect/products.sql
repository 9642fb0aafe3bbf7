-- One row is a product: from the catalogue, or known only from what happened to it. The catalogue's word
-- counts first; what it leaves open is what the kept events say most often, of equals the latest. The price
-- is the catalogue's, else the middle one of those paid.
--
-- key: product_id
CREATE TABLE duckmark.products AS
WITH listed AS (
    SELECT raw_products.*
    FROM duckmark.raw_products
    JOIN duckmark.product_checks
        ON product_checks.raw_id = raw_products.raw_id
    WHERE product_checks.reason IS NULL
),
-- What events say of products, and for how much these were bought, in one pass over them: few different things, many
-- times each.
told AS MATERIALIZED (
    SELECT
        raw_events.product_id,
        raw_events.title,
        raw_events.description,
        raw_events.category,
        raw_events.product_attributes,
        raw_events.price,
        count(*) AS times,
        max(raw_events.happened_at) AS latest
    FROM duckmark.raw_events
    ANTI JOIN (SELECT * FROM duckmark.event_checks WHERE reason IS NOT NULL) AS dropped
        ON dropped.event_id = raw_events.event_id
    GROUP BY ALL
),
worded AS (
    SELECT
        product_id,
        title,
        description,
        category,
        product_attributes,
        sum(times) AS times,
        max(latest) AS latest
    FROM told
    GROUP BY product_id, title, description, category, product_attributes
),
-- The columns and attributes of both, one value a row.
said AS (
    SELECT product_id, 'title' AS part, '' AS name, title AS value, 1 AS rank, 1 AS times, NULL AS latest
    FROM listed
    UNION ALL
    SELECT product_id, 'description', '', description, 1, 1, NULL FROM listed
    UNION ALL
    SELECT product_id, 'category', '', category, 1, 1, NULL FROM listed
    UNION ALL
    SELECT product_id, 'attribute', entry.key, entry.value, 1, 1, NULL
    FROM (SELECT product_id, unnest(map_entries(attributes)) AS entry FROM listed)
    UNION ALL
    SELECT product_id, 'title', '', title, 2, times, latest FROM worded
    UNION ALL
    SELECT product_id, 'description', '', description, 2, times, latest FROM worded
    UNION ALL
    SELECT product_id, 'category', '', category, 2, times, latest FROM worded
    UNION ALL
    SELECT product_id, 'attribute', entry.key, entry.value, 2, times, latest
    FROM (SELECT product_id, times, latest, unnest(map_entries(product_attributes)) AS entry FROM worded)
),
counted AS (
    SELECT
        product_id,
        part,
        name,
        value,
        rank,
        sum(times) AS times,
        max(latest) AS latest
    FROM said
    WHERE trim(value) <> ''
    GROUP BY product_id, part, name, value, rank
),
chosen AS (
    SELECT
        product_id,
        part,
        name,
        value
    FROM counted
    QUALIFY row_number() OVER (
        PARTITION BY product_id, part, name
        ORDER BY rank, times DESC, latest DESC NULLS LAST, value
    ) = 1
),
described AS (
    SELECT
        product_id,
        max(CASE WHEN part = 'title' THEN value END) AS title,
        max(CASE WHEN part = 'description' THEN value END) AS description,
        max(CASE WHEN part = 'category' THEN value END) AS category,
        map_from_entries(
            list_sort(list(struct_pack(key := name, value := value)) FILTER (WHERE part = 'attribute'))
        ) AS attributes
    FROM chosen
    GROUP BY product_id
),
prices AS (
    SELECT
        product_id,
        price,
        sum(times) AS times
    FROM told
    WHERE price > 0
    GROUP BY product_id, price
),
placed AS (
    SELECT
        product_id,
        price,
        times,
        sum(times) OVER (PARTITION BY product_id ORDER BY price) AS last_place,
        (sum(times) OVER (PARTITION BY product_id) + 1) // 2 AS middle
    FROM prices
),
paid AS (
    SELECT
        product_id,
        price
    FROM placed
    WHERE middle > last_place - times AND middle <= last_place
),
ids AS (
    SELECT product_id FROM listed
    UNION
    SELECT product_id FROM worded
)
SELECT
    ids.product_id,
    described.title,
    described.description,
    described.category,
    coalesce(listed.price, paid.price) AS price,
    coalesce(described.attributes, CAST(MAP {} AS MAP(VARCHAR, VARCHAR))) AS attributes
FROM ids
LEFT JOIN described
    ON described.product_id = ids.product_id
LEFT JOIN listed
    ON listed.product_id = ids.product_id
LEFT JOIN paid
    ON paid.product_id = ids.product_id
ORDER BY ids.product_id;
