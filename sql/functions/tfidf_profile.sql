-- Unit vector of a list of terms: the sum of tf x idf x word vector over the terms the file knows.
-- A term counts as often as it is listed, or by its own weight where `weights` gives one per term.
-- NULL where no term is known or either list is NULL.
-- (Salton & Buckley 1988 for tf-idf; the vectors are the file's Word2Vec.)
CREATE MACRO tfidf_profile(terms, weights := []) AS (
    SELECT
        CASE
            WHEN profile_norm > 0
                THEN list_transform(profile_sums, lambda profile_sum: (profile_sum / profile_norm)::FLOAT)
        END
    FROM (
        SELECT
            list(profile_sum ORDER BY profile_dimension) AS profile_sums,
            sqrt(sum(profile_sum * profile_sum)) AS profile_norm
        FROM (
            SELECT
                profile_dimension,
                sum(profile_weight * profile_value) AS profile_sum
            FROM (
                SELECT
                    profile_weight * t.idf AS profile_weight,
                    unnest(t.vector) AS profile_value,
                    generate_subscripts(t.vector, 1) AS profile_dimension
                FROM (
                    SELECT
                        unnest(profile_terms) AS profile_term,
                        unnest(
                            CASE
                                WHEN len(profile_weights) = 0 THEN list_transform(profile_terms, lambda listed: 1)
                                WHEN len(profile_weights) <> len(profile_terms)
                                    THEN error('tfidf_profile: every list of weights must be as long as its list of terms')
                                ELSE profile_weights
                            END
                        ) AS profile_weight
                    FROM (SELECT terms AS profile_terms, weights AS profile_weights)
                )
                JOIN duckmark.terms AS t ON t.term = profile_term
            )
            GROUP BY profile_dimension
        )
    )
);
