-- How many mentions on either side of a contrast are taken as said beforehand, as everyone in the shop says them.
CREATE MACRO duckmark.prior_mentions() AS 500;
