-- One row is a written review as the terms it is made of: its tokens in order, two that are a phrase joined (from
-- the left, as gensim's Phrases does), and each in the form that stands for all its word forms; `phrases` are those
-- joined, as they were written.
-- key: event_id
CREATE TABLE duckmark.review_terms AS
WITH tokens AS (
    SELECT
        event_id,
        language,
        unnest(terms) AS term,
        generate_subscripts(terms, 1) AS place
    FROM duckmark.reviews
    WHERE len(terms) > 0
),
followed AS (
    SELECT
        *,
        lead(term) OVER (PARTITION BY event_id ORDER BY place) AS next_term
    FROM tokens
),
linked AS (
    SELECT
        f.event_id,
        f.language,
        f.place,
        f.term,
        p.phrase
    FROM followed AS f
    LEFT JOIN duckmark.phrases AS p
        ON p.first_term = f.term AND p.second_term = f.next_term
),
runs AS (
    SELECT
        *,
        place - max(CASE WHEN phrase IS NULL THEN place ELSE 0 END) OVER (
            PARTITION BY event_id
            ORDER BY place
        ) AS run
    FROM linked
),
joined AS (
    SELECT
        event_id,
        language,
        place,
        CASE WHEN run % 2 = 1 THEN phrase ELSE term END AS term,
        run % 2 = 1 AS is_phrase
    FROM runs
    QUALIFY coalesce(lag(run) OVER (PARTITION BY event_id ORDER BY place), 0) % 2 = 0
)
SELECT
    j.event_id,
    j.language,
    list(coalesce(f.form, j.term) ORDER BY j.place) AS terms,
    coalesce(list(j.term ORDER BY j.place) FILTER (WHERE j.is_phrase), []) AS phrases
FROM joined AS j
LEFT JOIN duckmark.term_groups AS f
    ON f.language = j.language AND f.term = j.term
GROUP BY j.event_id, j.language
ORDER BY j.event_id;
