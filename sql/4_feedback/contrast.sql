-- How much more one group says a term than another: the log-odds ratio of two counts, each out of all that its group
-- says, as a z (Monroe, Colaresi & Quinn 2008, "Fightin' Words", equations 16 to 22). A prior is among the counts.
CREATE MACRO duckmark.contrast(said_here, all_here, said_there, all_there) AS
    (ln(said_here / (all_here - said_here)) - ln(said_there / (all_there - said_there)))
    / sqrt(1 / said_here + 1 / said_there);
