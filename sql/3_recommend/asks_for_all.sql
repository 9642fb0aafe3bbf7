-- Whether so many are asked for that all are scored, those too that do not lead.
CREATE MACRO duckmark.asks_for_all(asked_for) AS asked_for > 4096;
