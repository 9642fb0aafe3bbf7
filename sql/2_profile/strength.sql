-- What a preference counts for in a profile: as much as it is, a dislike a quarter of it (Rocchio 1971).
CREATE MACRO duckmark.strength(its_preference) AS
    CASE WHEN its_preference < 0 THEN its_preference / 4 ELSE its_preference END;
