-- name: station_at
-- Station time, and whether this station was ever brought back from a backup.
select station_now() as at, restored_to, restored_at from station;

-- name: incidents_after
-- A page of how far incidents have come.
select id, last_n, last_hash from incident where id > $1 order by id limit $2;

-- name: last_audit
-- The last row of the station's own chain.
select n, hash from audit order by n desc limit 1;

-- name: audit_hash
-- One row of the station's own chain.
select hash from audit where n = $1;

-- name: signal_times
-- When the first and the last signal came.
select min(received_at) as first_at, max(received_at) as last_at from signal;

-- name: next_day
-- The first UTC day from $1 on that has signals, and how many. A day each: a busy one takes its time.
select d.start, (
  select count(*) from signal where received_at >= d.start and received_at < d.start + interval '24 hours'
) as signals
from (select date_trunc('day', min(received_at), 'UTC') as start from signal where received_at >= $1) d
where d.start is not null;

-- name: signals_of_day
-- How many signals came in the 24 hours from $1 on.
select count(*) as signals from signal where received_at >= $1 and received_at < $1::timestamptz + interval '24 hours';

-- name: as_expected
-- Of each incident in $1: how far it goes, and the hash of its event of the number in $2.
select x.id, x.n, i.last_n, e.hash
from unnest($1::bigint[], $2::int[]) as x (id, n)
left join incident i on i.id = x.id
left join incident_event e on e.incident = x.id and e.n = x.n
order by x.id;

-- name: incidents_to
-- How many incidents there are up to this id.
select count(*) as incidents from incident where id <= $1;

-- name: signals_to
-- How many signals came up to this time.
select count(*) as signals from signal where received_at <= $1;
