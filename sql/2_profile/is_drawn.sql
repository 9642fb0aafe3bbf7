-- Whether an id is drawn of so many, by its md5 sum: one in as many as leave about the most that are wanted. So the same
-- are drawn again, whatever else comes or goes.
CREATE MACRO duckmark.is_drawn(its_id, of_number, most_wanted) AS
    md5_number_lower(its_id) % greatest(1, (of_number + most_wanted - 1) // most_wanted) = 0;
