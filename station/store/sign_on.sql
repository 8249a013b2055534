-- name: any_operator
-- Whether anybody could sign on at all.
select exists (select from operator where active) as found;

-- name: lock_name
-- Attempts for one name are counted one after another.
select pg_advisory_xact_lock(hashtext('sign on'), hashtext($1));

-- name: locked_until
-- When a name with too many recent failures may try again: once the oldest that counts is out of the window.
select at + make_interval(secs => $3) as until from sign_on_failure
where name = $1 and at > clock_timestamp() - make_interval(secs => $3)
order by at desc offset $2 - 1 limit 1;

-- name: record_failure
-- Written before the password is checked, so that attempts at the same moment count too.
insert into sign_on_failure (name, at) values ($1, clock_timestamp());

-- name: forget_failures
-- The right password came, or a day passed.
delete from sign_on_failure where name = $1 or at < clock_timestamp() - interval '1 day';

-- name: open_session
-- One browser of one operator.
insert into session (token_hash, operator, created_at, seen_at, expires_at)
values ($1, $2, clock_timestamp(), clock_timestamp(), clock_timestamp() + make_interval(secs => $3));

-- name: operator_of_session
-- Whose session it is, unless it lay idle too long or ended.
select o.id, o.name, o.role, o.language, s.seen_at < clock_timestamp() - interval '1 minute' as unseen
from session s join operator o on o.id = s.operator
where s.token_hash = $1 and o.active and s.expires_at > clock_timestamp()
  and s.seen_at > clock_timestamp() - make_interval(secs => $2);

-- name: session_seen
-- A person did something.
update session set seen_at = clock_timestamp() where token_hash = $1;

-- name: end_session
-- Signed off; sessions long dead go with it.
delete from session where token_hash = $1 or expires_at < clock_timestamp();

-- name: operators_signed_on
-- How many people are at the consoles.
select count(distinct operator) as operators from session
where expires_at > clock_timestamp() and seen_at > clock_timestamp() - make_interval(secs => $1);

-- name: set_language
-- The language that an operator reads.
update operator set language = $2::language where id = $1;
