-- One row is a customer: from the users source, or known only from what they did. What the users source says
-- of them counts first; what it leaves open is what their kept events say most often, of equals the latest.
--
-- key: user_id
CREATE TABLE duckmark.users AS
WITH listed AS (
    SELECT
        raw_users.user_id,
        raw_users.attributes
    FROM duckmark.raw_users
    JOIN duckmark.user_checks
        ON user_checks.raw_id = raw_users.raw_id
    WHERE user_checks.reason IS NULL
),
-- What events say of users in one pass over them: few different things, many times each.
active AS (
    SELECT
        raw_events.user_id,
        raw_events.user_attributes,
        count(*) AS times,
        max(raw_events.happened_at) AS latest
    FROM duckmark.raw_events
    ANTI JOIN (SELECT * FROM duckmark.event_checks WHERE reason IS NOT NULL) AS dropped
        ON dropped.event_id = raw_events.event_id
    WHERE raw_events.user_id IS NOT NULL
    GROUP BY raw_events.user_id, raw_events.user_attributes
),
said AS (
    SELECT user_id, entry.key AS name, entry.value AS value, 1 AS rank, 1 AS times, NULL AS latest
    FROM (SELECT user_id, unnest(map_entries(attributes)) AS entry FROM listed)
    UNION ALL
    SELECT user_id, entry.key, entry.value, 2, times, latest
    FROM (SELECT user_id, times, latest, unnest(map_entries(user_attributes)) AS entry FROM active)
),
counted AS (
    SELECT
        user_id,
        name,
        value,
        rank,
        sum(times) AS times,
        max(latest) AS latest
    FROM said
    WHERE trim(value) <> ''
    GROUP BY user_id, name, value, rank
),
chosen AS (
    SELECT
        user_id,
        name,
        value
    FROM counted
    QUALIFY row_number() OVER (
        PARTITION BY user_id, name
        ORDER BY rank, times DESC, latest DESC NULLS LAST, value
    ) = 1
),
described AS (
    SELECT
        user_id,
        map_from_entries(list_sort(list(struct_pack(key := name, value := value)))) AS attributes
    FROM chosen
    GROUP BY user_id
),
ids AS (
    SELECT user_id FROM listed
    UNION
    SELECT user_id FROM active
)
SELECT
    ids.user_id,
    coalesce(described.attributes, CAST(MAP {} AS MAP(VARCHAR, VARCHAR))) AS attributes
FROM ids
LEFT JOIN described
    ON described.user_id = ids.user_id
ORDER BY ids.user_id;
