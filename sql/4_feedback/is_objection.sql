-- Whether a term of complaints says what they are about: no term of praise ("hopes": above 0 by itself), and no single
-- word of strong complaint ("awful", "disappointed": under -0.45), which says how people feel.
CREATE MACRO duckmark.is_objection(its_feeling, its_term) AS
    its_feeling <= 0 AND (its_feeling >= -0.45 OR contains(its_term, ' '));
