-- name: passwords
-- What is kept of an account's passwords.
select password_kept, duress_kept, counter_sealed, counter_first from care where account = $1;

-- name: set_passwords
-- New passwords count from this second.
insert into care (account, password_kept, duress_kept, counter_sealed) values ($1, $2, $3, $4)
on conflict (account) do update set password_kept = coalesce($2, care.password_kept),
  duress_kept = coalesce($3, care.duress_kept), counter_sealed = coalesce($4, care.counter_sealed);

-- name: last_check
-- What a contact last said as the password in an incident, on any line.
select body::json ->> 'heard' as heard from incident_event
where incident = $1 and kind = 'password_checked' and (body::json ->> 'contact') is not distinct from $2::bigint::text
order by n desc limit 1;

-- name: account_id
-- An account by its number; the one without prefix where several share it.
select id from account where number = upper($1) order by prefix nulls first, receiver nulls first limit 1;

-- name: service
-- The service of the place.
select case $2::service when 'police' then police when 'fire' then fire else medical end as agency
from care where account = $1;

-- name: agencies
-- The services of the place, with their numbers.
select g.id, g.service, g.name, g.phone, g.email, g.webhook
from care c join agency g on g.id in (c.police, c.fire, c.medical)
where c.account = $1 order by g.service;

-- name: guard_exists
-- Whether this guard works here.
select true as found from guard where id = $1 and active;

-- name: make_task
-- Something to do later.
insert into task (account, incident, what, text, call_back, made_by, made_at, billable)
values ($1, $2, $3, $4, $5, $6, station_now(),
        $3 = 'technician' and not coalesce((select technician from care where account = $1), false))
returning id;

-- name: tasks
-- What is still to be done, the oldest first.
select t.id, t.account, a.number, a.name, t.incident, t.what, t.text, t.call_back, t.billable, t.made_by, t.made_at,
  coalesce(o.name, '') as made_by_name
from task t left join account a on a.id = t.account left join operator o on t.made_by = 'operator:' || o.id
where t.done_at is null order by t.made_at limit $1;

-- name: finish_task
-- It is done.
update task set done_by = $2, done_at = station_now() where id = $1 and done_at is null returning id;

-- name: ask_approval
-- One of two people asks.
insert into approval (what, body, asked_by, asked_at) values ($1, $2, $3, station_now()) returning id;

-- name: approve
-- The other agrees.
update approval set approved_by = $2, approved_at = station_now()
where id = $1 and asked_by <> $2 and approved_by is null returning id;

-- name: use_approval
-- It is used once, by whoever asked, within an hour, and for what it was given alone.
update approval set used_at = station_now()
where id = $1 and what = $2 and asked_by = $3 and body::jsonb @> $4::jsonb and approved_by is not null
  and used_at is null
  and approved_at > station_now() - interval '1 hour'
returning id;

-- name: approvals
-- What waits for a second person.
select p.id, p.what, p.body, p.asked_at, o.name as asked_by, p.approved_at is not null as approved
from approval p join operator o on o.id = p.asked_by
where p.used_at is null and p.asked_at > station_now() - interval '1 day' order by p.id;

-- name: open_incident
-- Whether anything is open at an account.
select id from incident where account_id = $1 and state <> 'closed' order by priority, opened_at limit 1;

-- name: held_by
-- Whether an operator holds an incident of an account.
select id from incident where account_id = $1 and state = 'taken' and operator = $2 limit 1;

-- name: contacts
-- Whom to call, in the customer's order.
select id, position, name, phone, language, role, hours from contact where account = $1 order by position;

-- name: forget_contacts
-- Those that are no longer in the list.
delete from contact where account = $1 and not id = any($2::bigint[]);

-- name: change_contact
-- One that stays, perhaps at another place of the list.
update contact set position = $3, name = $4, phone = $5, language = $6::language, role = $7::contact_role, hours = $8
where account = $1 and id = $2;

-- name: add_contact
-- A new one.
insert into contact (account, position, name, phone, language, role, hours)
values ($1, $2, $3, $4, $5::language, $6::contact_role, $7) returning id;

-- name: start_test
-- Premises on test from now.
insert into on_test (account, zones, kinds, started_at, ends_at, latest_end_at, remind_at, started_by, approved_by, asked_by)
values ($1, $2, $3, station_now(), station_now() + $4::interval, station_now() + $5::interval,
        station_now() + $4::interval - $6::interval, $7, $8, $9)
returning id;

-- name: extend_test
-- It goes on, to its latest end at most.
update on_test set ends_at = least(ends_at + $2::interval, latest_end_at),
  remind_at = least(ends_at + $2::interval, latest_end_at) - $3::interval
where id = $1 and ended_at is null returning ends_at;

-- name: finish_test
-- It ends now: what is still in alarm is put before a person within seconds.
update on_test set ends_at = greatest(station_now(), started_at + interval '1 microsecond')
where id = $1 and ended_at is null returning account;

-- name: tests
-- What is on test now.
select t.id, t.account, a.number, a.name, t.zones, t.kinds::text[] as kinds, t.started_at, t.ends_at, t.latest_end_at,
  o.name as started_by, (select count(*) from tested_signal s where s.test = t.id) as signals
from on_test t join account a on a.id = t.account join operator o on o.id = t.started_by
where t.ended_at is null order by t.ends_at;

-- name: grade
-- The grade of an account.
select grade from account where id = $1;

-- name: tests_of
-- What is on test at an account now.
select t.id, t.zones, t.kinds::text[] as kinds, t.started_at, t.ends_at, o.name as started_by
from on_test t join operator o on o.id = t.started_by
where t.account = $1 and t.ended_at is null order by t.ends_at;

-- name: tasks_of
-- What is still to be done for an account.
select t.id, t.what, t.text, t.call_back, t.billable, t.made_at, coalesce(o.name, '') as made_by_name
from task t left join operator o on t.made_by = 'operator:' || o.id
where t.account = $1 and t.done_at is null order by t.made_at;

-- name: keys
-- The keys that we keep for an account, by code.
select k.id, k.code, k.coded_at, g.name as with_guard,
  k.coded_at < station_now() - interval '6 months' or exists (
    select from key_move m where m.key = k.id and m.to_guard is null and m.at > k.coded_at) as code_due
from premises_key k left join guard g on g.id = k.with_guard where k.account = $1 order by k.id;

-- name: add_key
-- A key comes into our keeping.
insert into premises_key (account, code, coded_at) values ($1, $2, station_now()) returning id;

-- name: recode_key
-- Its tag has a new code.
update premises_key set code = $2, coded_at = station_now() where id = $1 and with_guard is null returning id;

-- name: move_key
-- A key goes to a guard, or comes back.
update premises_key set with_guard = $2 where id = $1 and with_guard is distinct from $2 returning account;

-- name: note_key_move
-- The register of keys: who had which when.
insert into key_move (key, n, at, actor, to_guard, incident, approval)
select $1, coalesce(max(n), 0) + 1, station_now(), $2, $3, $4, $5 from key_move where key = $1;

-- name: false_alarms
-- What police were told of an account, and what became of it.
select i.opened_at, i.confirmed, i.disposition in ('user_error', 'equipment_fault', 'unexplained') as false,
  case when i.disposition = 'equipment_fault' then i.kind::text else '' end as fault
from incident i
where i.account_id = $1 and i.opened_at > station_now() - interval '1 year'
  and exists (select from incident_event e where e.incident = i.id and e.kind = 'agency_moved'
                and e.body like '%"police"%')
order by i.opened_at;

-- name: permit
-- What authorities have said about an account.
select permit, permit_until, suspended_until, suspended_by from care where account = $1;

-- name: to_review
-- What a supervisor is to look at: cancelled by the customer, without ground, or with a step passed over.
select i.id, i.account, coalesce(a.name, '') as name, i.kind, i.opened_at, i.closed_at, i.disposition,
  i.progress like '%"cancelled":true%' as cancelled
from incident i left join account a on a.id = i.account_id
where i.to_review and i.closed_at is not null order by i.closed_at desc limit $1;

-- name: token
-- Who comes with this token.
select o.id, o.name, o.role, o.language from api_token t join operator o on o.id = t.operator
where t.token_hash = $1 and o.active and (t.expires_at is null or t.expires_at > clock_timestamp());

-- name: add_token
-- A new token of an operator.
insert into api_token (token_hash, operator, name, created_at, expires_at)
select $1, id, $3, clock_timestamp(), clock_timestamp() + $4::interval from operator
where lower(name) = lower($2) and active returning operator;

-- name: forget_token
-- It opens nothing any more.
delete from api_token where name = $1 returning token_hash;

-- name: areas_armed
-- How the areas of an account are armed, by whom and how.
select s.area, coalesce(r.name, '') as area_name, s.armed, s.at, s.user_number, coalesce(u.name, '') as user_name, s.means
from area_state s
left join area r on r.account = s.account and r.number = s.area
left join panel_user u on u.account = s.account and u.number = s.user_number
where s.account = $1 order by s.area;

-- name: guard_names
-- Who can be sent.
select id, name from guard where active order by position, id;
