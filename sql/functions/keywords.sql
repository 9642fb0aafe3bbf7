-- The k terms that say most of a text in the file's main language: the highest tf x idf among those the file
-- knows, with that weight, the best first and equal ones by term. NULL for NULL.
CREATE MACRO keywords(txt, k := 10) AS (
    SELECT
        CASE
            WHEN txt IS NOT NULL AND k IS NOT NULL
                THEN coalesce(
                    list({'term': keyword, 'weight': keyword_weight} ORDER BY keyword_rank)
                        FILTER (WHERE keyword_rank <= k),
                    CAST([] AS STRUCT(term VARCHAR, weight DOUBLE)[])
                )
        END
    FROM (
        SELECT
            keyword,
            keyword_weight,
            row_number() OVER (ORDER BY keyword_weight DESC, keyword) AS keyword_rank
        FROM (
            SELECT
                keyword,
                count(*) * max(kt.idf) AS keyword_weight
            FROM (SELECT unnest(tokenize(txt)) AS keyword)
            JOIN duckmark.terms AS kt
                ON kt.term = keyword
            GROUP BY keyword
        )
    )
);
