-- top_k of each vector of a list, in their order: a list for each, NULL for a NULL vector.
-- In a Python connection all of them are searched together, which for thousands in a large space is quickest.
CREATE MACRO top_k_each(query_vectors, space_name, k) AS (
    CASE
        WHEN query_vectors IS NOT NULL AND space_name IS NOT NULL AND k IS NOT NULL
            THEN coalesce((
                SELECT list(top_k(each_vector, space_name, k) ORDER BY each_place)
                FROM (SELECT unnest(query_vectors) AS each_vector, generate_subscripts(query_vectors, 1) AS each_place)
            ), [])
    END
);
