-- name: waiting
-- The head of the alarm queue: the most urgent first, then the oldest.
select i.id, i.account_id, i.account, i.kind, i.priority, i.authenticated, i.state, i.opened_at, i.restored_at,
  i.signals, i.last_n, i.fence, i.operator, null as operator_name, null::timestamptz as held_since, i.hold_until,
  coalesce(a.name, '') as name, coalesce(a.city, '') as city
from incident i left join account a on a.id = i.account_id
where i.state = 'waiting' order by i.priority, i.opened_at, i.id limit $1;

-- name: taken_or_on_hold
-- What operators have taken and what is put aside.
select i.id, i.account_id, i.account, i.kind, i.priority, i.authenticated, i.state, i.opened_at, i.restored_at,
  i.signals, i.last_n, i.fence, i.operator, o.name as operator_name, i.hold_until,
  (select max(e.at) from incident_event e where e.incident = i.id and e.kind in ('taken', 'handed_over')) as held_since,
  coalesce(a.name, '') as name, coalesce(a.city, '') as city
from incident i left join account a on a.id = i.account_id left join operator o on o.id = i.operator
where i.state in ('taken', 'on_hold') order by i.priority, i.opened_at, i.id limit $1;

-- name: counts
-- How many wait, by priority.
select priority, count(*) as waiting from incident where state = 'waiting' group by priority order by priority;

-- name: recent_signals
-- What came last, link tests and repeats left out; looks back a day, and over the newest 2,000 signals of it.
select s.id, s.received_at, s.account, s.token, s.kind, s.qualifier, s.event_code, s.area, s.zone, s.authenticity,
  coalesce(a.name, '') as name
from (
  select * from signal where received_at > station_now() - interval '1 day' order by received_at desc limit 2000
) s left join account a on a.id = s.account_id
where s.kind <> 'link_test' and not exists (select from signal_repeat r where r.signal = s.id)
order by s.received_at desc, s.id desc limit $1;

-- name: incident
-- One incident with what stands there.
select i.id, i.account_id, i.account, i.kind, i.priority, i.authenticated, i.state, i.opened_at, i.restored_at,
  i.signals, i.last_n, i.fence, i.operator, o.name as operator_name, i.hold_until, i.closed_at, i.disposition, i.points,
  (select max(e.at) from incident_event e where e.incident = i.id and e.kind in ('taken', 'handed_over')) as held_since,
  coalesce(a.name, '') as name, coalesce(a.city, '') as city
from incident i left join account a on a.id = i.account_id left join operator o on o.id = i.operator
where i.id = $1;

-- name: premises
-- Whom the incident is about.
select name, premises, address, city, country, language, time_zone, grade, notes from account where id = $1;

-- name: areas
-- The areas of an account.
select number, name from area where account = $1 order by length(number), number;

-- name: zones
-- The zones of an account, by area.
select number, name, area from zone where account = $1 order by area nulls last, length(number), number;

-- name: contacts
-- Whom to call, in the customer's order.
select position, name, phone, language from contact where account = $1 order by position;

-- name: signals_of_incident
-- The newest signals of an incident; looks back to a week before it opened, which spares older partitions.
select e.n, s.id, s.received_at, s.peer, s.transport, s.token, s.sequence, s.kind, s.qualifier, s.event_code, s.area,
  s.zone, s.user_number, s.text, s.extended, s.occurred_at, s.old, s.payload, s.raw, s.authenticity
from incident_event e join incident i on i.id = e.incident
join signal s on s.id = e.signal and s.received_at > i.opened_at - interval '7 days'
where e.incident = $1 and e.signal is not null order by e.n desc limit $2;

-- name: history
-- What happened to an incident, newest first, with the names and notes that the chain leaves out.
select e.n, e.at, e.actor, e.kind, e.body, o.name as operator_name, c.text as content
from incident_event e
left join operator o on e.actor = 'operator:' || o.id
left join incident_content c on c.incident = e.incident and c.id = coalesce(e.body::json #>> '{note,id}',
  e.body::json #>> '{reason,id}')::uuid
where e.incident = $1 order by e.n desc limit $2;

-- name: earlier
-- The last five that were closed at the same account.
select id, kind, opened_at, disposition from incident
where account = $1 and id <> $2 and state = 'closed' and account_id is not distinct from $3
order by opened_at desc limit 5;

-- name: operators
-- To whom an incident can be handed over.
select id, name from operator where active order by lower(name);

-- name: taken_by
-- What one operator has taken.
select id, fence from incident where state = 'taken' and operator = $1;
