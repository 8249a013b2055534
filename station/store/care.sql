-- name: ensure
-- Something is agreed for this account.
insert into care (account) values ($1) on conflict do nothing;

-- name: settings
-- What is agreed, but no password.
select counter_first, window_s, detectors, domestic, guard, guard_visits, technician, call_instead, quiet_hours,
  suspended_until, suspended_by, permit, permit_until, police, fire, medical, schedule, arm_reminder, restore_within_s,
  multi_knock_s, carrier, media_consent
from care where account = $1;

-- name: users
-- Who arms and disarms, by the panel's number.
select number, name, kind, contact from panel_user where account = $1 order by number;

-- name: forget_users
-- Before all are written anew.
delete from panel_user where account = $1;

-- name: add_user
-- One of them.
insert into panel_user (account, number, name, kind, contact) values ($1, $2, $3, $4, $5);

-- name: add_guard
-- A patrol.
insert into guard (name, phone, place, position) values ($1, $2, $3, $4) returning id;

-- name: guards
-- All patrols, in the order in which they are asked.
select id, name, phone, place, position, active from guard order by position, id;

-- name: add_agency
-- A service with its number.
insert into agency (service, name, country, phone, email, webhook) values ($1, $2, $3, $4, $5, $6) returning id;

-- name: service_of
-- Which service it is.
select service from agency where id = $1;

-- name: agencies
-- All services.
select id, service, name, country, phone, email, webhook from agency order by country, service, name;
