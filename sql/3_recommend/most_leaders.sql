-- How many users or products lead: so many are scored in tens of milliseconds, and a shop of no more is scored whole.
CREATE MACRO duckmark.most_leaders() AS 131072;
