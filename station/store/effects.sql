-- name: due_timers
-- Timers that came due, of the shards that are held; the first first.
select incident, name from timer
where due_at <= station_now() and (incident % 16)::smallint = any($1::smallint[]) order by due_at limit $2;

-- name: claim
-- The next messages to send: life-safety first, then by priority and age. Claimed, so that nobody else sends them.
update effect e set state = 'sending', claimed_until = clock_timestamp() + $2::interval, attempts = attempts + 1
from (
  select id from effect
  where state = 'queued' and (incident % 16)::smallint = any($1::smallint[])
    and (not_before is null or not_before <= station_now()) and (next_at is null or next_at <= station_now())
  order by urgent desc, priority, queued_at limit $3 for update skip locked
) next
where e.id = next.id
returning e.*;

-- name: abandoned
-- Messages whose sender died between the claim and the record.
select * from effect
where state = 'sending' and claimed_until < clock_timestamp() and (incident % 16)::smallint = any($1::smallint[])
order by urgent desc, queued_at limit $2 for update skip locked;

-- name: move
-- What became of a message. The incident is told of it afterwards.
update effect set state = $2, why = $3, reference = coalesce(nullif($4, ''), reference), claimed_until = null,
  next_at = station_now() + $5::interval, told = false
where id = $1;

-- name: untold
-- Messages of whose state their incident does not know yet.
select incident, no, state, why from effect
where not told and state not in ('queued', 'sending') and (incident % 16)::smallint = any($1::smallint[])
order by incident, no limit $2;

-- name: told
-- Their incidents know.
update effect e set told = true
from unnest($1::bigint[], $2::int[], $3::effect_state[]) as t (incident, no, state)
where e.incident = t.incident and e.no = t.no and e.state = t.state;

-- name: stale
-- The incident has given these up: what was not sent is not sent any more.
update effect e set state = 'stale', why = t.why, told = true
from unnest($1::bigint[], $2::int[], $3::text[]) as t (incident, no, why)
where e.incident = t.incident and e.no = t.no and e.state = 'queued';

-- name: of_incident
-- The messages of an incident.
select * from effect where incident = $1 order by no;

-- name: recipient
-- Whom a message reaches: telephone, language, the place as its people call it.
select coalesce(c.phone, g.phone) as phone, coalesce(c.language, a.language, 'en')::text as language,
  coalesce(a.name, '') as site, i.account, i.kind, i.opened_at, coalesce(a.time_zone, 'UTC') as time_zone
from effect e join incident i on i.id = e.incident
left join account a on a.id = i.account_id
left join contact c on e.recipient = 'contact:' || c.id
left join guard g on e.recipient = 'guard:' || g.id
where e.id = $1;
