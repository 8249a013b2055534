-- name: all_due
-- Every timer is due now.
update timer set due_at = station_now() - interval '1 second';

-- name: operator
-- Somebody who takes incidents.
insert into operator (name, role, password_hash) values ('bench', 'operator', '') returning id;

-- name: delays
-- From the commit of an incident's first signal, as near as its receipt tells, to the incident.
select extract(epoch from planned.at - i.opened_at)::float8 as delay_s
from incident i join incident_event planned on planned.incident = i.id and planned.n = 2;

-- name: shared
-- Both dispatchers hold shards, and all are held.
select count(distinct holder) = 2 and count(*) filter (where lease_until > clock_timestamp()) = 16 as so from shard;

-- name: alone
-- One holds them all.
select count(distinct holder) = 1 and bool_and(lease_until > clock_timestamp()) as so from shard;
