-- The feeling that is in a term by itself: VADER's score, which knows English alone.
CREATE MACRO duckmark.feeling(said, said_in) AS CASE WHEN said_in = 'en' THEN sentiment(said).compound ELSE 0 END;
