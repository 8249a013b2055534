-- name: armed
-- How the areas of an account are armed.
select area, armed from area_state where account = $1;

-- name: forget
-- What was due by its timetable is computed anew.
delete from expected where account = $1 and what not in ('restore', 'early_to_open');

-- name: expect
-- What is due from an account.
insert into expected (account, what, subject, due_at)
select $1, * from unnest($2::text[], $3::text[], $4::timestamptz[])
on conflict (account, what, subject) do nothing;

-- name: restored
-- Alarms that ended: nothing is expected any more. An empty zone ends all of its kind.
delete from expected e using unnest($1::bigint[], $2::text[], $3::text[]) as r (account, kind, zone)
where e.account = r.account and e.what = 'restore'
  and (e.subject = r.kind || ' ' || r.zone or (r.zone = '' and e.subject like r.kind || ' %'));

-- name: due
-- What has not happened in time; taken out, since it is reported now.
delete from expected e using (
  select account, what, subject from expected where due_at <= station_now() order by due_at limit $1 for update skip locked
) d
where e.account = d.account and e.what = d.what and e.subject = d.subject
returning e.account, e.what, e.subject, e.due_at, (select number from account a where a.id = e.account) as number;

-- name: tests_due
-- Tests that end, and those of which somebody must be reminded.
select t.id, t.account, a.number, t.ends_at <= station_now() as over, t.ends_at
from on_test t join account a on a.id = t.account
where t.ended_at is null and (t.ends_at <= station_now() or t.remind_at <= station_now())
order by t.ends_at limit 100 for update of t skip locked;

-- name: end_test
-- It is over.
update on_test set ended_at = station_now() where id = $1 and ended_at is null returning id;

-- name: reminded
-- Somebody was reminded of it.
update on_test set remind_at = null where id = $1;

-- name: still_in_alarm
-- What came during the test and did not end: the last signal of each zone and kind.
select distinct on (t.kind, t.zone) t.kind, t.zone, s.event_code, s.area, s.token
from tested_signal t join signal s on s.id = t.signal
where t.test = $1 and not t.restored order by t.kind, t.zone, t.signal desc;

-- name: operators_on_duty
-- Who has done something lately at a console, or holds an incident.
select count(*) as operators from operator
where active and (
  exists (select from session s where s.operator = operator.id and s.expires_at > clock_timestamp()
            and s.seen_at > clock_timestamp() - $1::interval)
  or exists (select from incident h where h.state = 'taken' and h.operator = operator.id
               and h.lease_until > clock_timestamp())
);
