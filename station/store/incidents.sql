-- name: append
-- Events of incidents, and the rows that they now add up to. The only way in.
select incidents_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                        $16, $17);

-- name: last_hash
-- Where the chain of an incident ends.
select last_hash from incident where id = $1;

-- name: reserve
-- Ids of incidents that are about to be opened.
select nextval('incident_id_seq') as id from generate_series(1, $1::int);

-- name: renew
-- A living console keeps its lease.
select incident_renew($1, $2, $3, clock_timestamp() + $4::interval) as renewed;

-- name: incident
-- One incident, who holds it, and what time it is.
select i.*, o.name as operator_name, station_now() as now, clock_timestamp() as real_now
from incident i left join operator o on o.id = i.operator
where i.id = $1;

-- name: incidents
-- These incidents, by id.
select i.*, null as operator_name, station_now() as now, clock_timestamp() as real_now
from incident i where id = any($1::bigint[]) order by id;

-- name: open_of_accounts
-- All open incidents of these accounts, known by id, and of these numbers that nobody answers to.
select i.*, null as operator_name, station_now() as now, clock_timestamp() as real_now
from incident i
where state <> 'closed' and (account_id = any($1::bigint[]) or (account_id is null and account = any($2::text[])))
order by id;

-- name: first_waiting
-- The head of the alarm queue: priority, then age.
select i.*, null as operator_name, station_now() as now, clock_timestamp() as real_now
from incident i where state = 'waiting' order by priority, opened_at, id limit 1;

-- name: recently_opened
-- Which of these numbers have had an incident of these kinds since an instant.
select account_id, account, kind from incident
where opened_at > $1 and kind = any($2::kind[]) and account = any($3::text[]);

-- name: expired_leases
-- Held by consoles that fell silent.
select id from incident where state = 'taken' and lease_until < clock_timestamp() order by id;

-- name: due_holds
-- Put aside until a time that has come.
select id from incident where state = 'on_hold' and hold_until <= station_now() order by id;

-- name: write_content
-- Personal text, apart from the chain that only knows its salted hash.
insert into incident_content (id, incident, salt, text) values ($1, $2, $3, $4);

-- name: first_taken
-- When an operator first took it.
select min(at) as at from incident_event where incident = $1 and kind = 'taken';

-- name: queue_lengths
-- Open incidents by priority and state, and the oldest of each.
select priority, state, count(*) as incidents, min(opened_at) as oldest
from incident where state <> 'closed' group by priority, state;

-- name: events
-- All events of an incident.
select n, at, actor, kind, body from incident_event where incident = $1 order by n;

-- name: latest
-- The last incidents that were opened.
select id from incident order by id desc limit $1;

-- name: planless
-- Open incidents from before there were plans.
select id from incident where state <> 'closed' and plan = '' order by id limit $1;
