-- name: attention
-- How much waits and who is there; $1 kinds of alarms, $2 what the receiver itself calls it, $3 how long ago counts.
select unread, oldest_unread_s, waiting, operators from attention($1::kind[], $2, $3::interval);

-- name: waiting_alarms
-- The emergency list, most urgent first; $2 the priorities of the kinds in $1, $3 that of late reports.
select * from waiting_alarms($1::kind[], $2::int[], $3, $4);
