-- How much more one group says a term than another: the log-odds ratio of two counts, each out of all that its group
-- says, as a z (Monroe, Colaresi & Quinn 2008, "Fightin' Words", equations 16 to 22), with an informative Dirichlet
-- prior: 500 mentions in either group, of which the term has as many (`prior`) as of all in the shop.
CREATE MACRO duckmark.contrast(said_here, all_here, said_there, all_there, prior) AS
    (
        ln((said_here + prior) / (500 + all_here - (said_here + prior)))
        - ln((said_there + prior) / (500 + all_there - (said_there + prior)))
    ) / sqrt(1 / (said_here + prior) + 1 / (said_there + prior));
