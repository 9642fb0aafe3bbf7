-- What a review says of the words in it, by the satisfaction of its writer: -1 where they are not, 1 otherwise.
CREATE MACRO duckmark.opinion(its_satisfaction) AS
    CASE WHEN its_satisfaction < 0.4 THEN -1 ELSE 1 END;
