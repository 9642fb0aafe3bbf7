-- How much more a part of some reviews says a term than the rest of them: the log-odds ratio of two counts, each out of
-- all that is said there, as a z (Monroe, Colaresi & Quinn 2008, "Fightin' Words", equations 16 to 22), with an
-- informative Dirichlet prior: of `duckmark.prior_mentions` on either side, the term has as many (`prior`) as of all in
-- the shop.
CREATE MACRO duckmark.contrast(said_here, all_here, said, all_said, prior) AS
    (
        ln((said_here + prior) / (duckmark.prior_mentions() + all_here - (said_here + prior)))
        - ln(
            (said - said_here + prior)
            / (duckmark.prior_mentions() + (all_said - all_here) - (said - said_here + prior))
        )
    ) / sqrt(1 / (said_here + prior) + 1 / (said - said_here + prior));
