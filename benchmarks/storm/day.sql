-- name: sites
-- So many sites in five cities, with three contacts each.
with made as (
  insert into account (number, name, city, country, grade, time_zone, language)
  select 'S' || n, 'Site ' || n, 'City ' || n % 5, 'ES', 2, 'Europe/Madrid', 'es' from generate_series(0, $1::int - 1) n
  returning id
)
insert into contact (account, position, name, phone, language)
select id, p, 'Contact ' || p, '+3460' || lpad((id * 10 + p)::text, 7, '0'), 'es' from made, generate_series(1, 3) p;

-- name: agreements
-- What is agreed: a guard contract for one of four, an ordinary user at each panel.
with agreed as (
  insert into care (account, guard, detectors) select id, id % 4 = 0, 4 from account returning account
)
insert into panel_user (account, number, name, kind, contact)
select c.account, '1', c.name, 'ordinary'::panel_user_kind, c.id from contact c where c.position = 1;

-- name: operator
-- Somebody who works here.
insert into operator (name, role, password_hash) values ($1, 'operator', '') returning id;

-- name: waiting
-- What waits now, by priority.
select priority, count(*)::int as waiting from incident where state = 'waiting' group by priority;

-- name: waits
-- From when each incident needed an operator to when it first had one, by class.
select case when i.priority = 1 then 'life-safety' when i.priority <= 3 then 'alarms' else 'conditions' end as class,
  extract(epoch from taken.at - coalesce(asked.at, i.opened_at))::float8 as wait_s
from incident i
cross join lateral (select min(at) as at from incident_event e where e.incident = i.id and e.kind = 'taken') taken
left join lateral (
  -- A condition that its plan handled by itself asks for an operator when a step needs one.
  select max(at) as at from incident_event e where e.incident = i.id and e.kind = 'stepped' and e.at <= taken.at
    and e.body like '%"automatic":false%'
) asked on true
where taken.at is not null;

-- name: totals
-- What the day left.
select count(*)::int as incidents, count(*) filter (where state = 'closed')::int as closed,
  count(*) filter (where state <> 'closed' and next_due_at is null)::int as without_due,
  count(distinct parent)::int as outages, count(parent)::int as members,
  count(*) filter (where account like 'OUTAGE %' and state <> 'closed')::int as outages_open from incident;

-- name: ids
-- All incidents.
select id from incident order by id;
