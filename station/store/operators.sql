-- name: add_operator
-- A person who may sign on; the unique index on the name in lower case refuses a second of that name.
insert into operator (name, role, language, password_hash)
values ($1, $2::operator_role, $3::language, $4)
on conflict ((lower(name))) do nothing
returning id;

-- name: replace_password
-- A new password for somebody who may sign on already; whoever is signed on with the old one is signed off.
with replaced as (
  update operator set password_hash = $2 where lower(name) = lower($1) returning id
), signed_off as (
  delete from session where operator in (select id from replaced)
)
select id from replaced;

-- name: operators
-- Everybody, in the order of names.
select id, name, role, language, active from operator order by lower(name);

-- name: active_operator
-- Who a typed name is, and what proves it; nobody who has left.
select id, name, role, language, password_hash from operator where lower(name) = lower($1) and active;
