-- name: insert_accounts
-- Accounts with the numbers $1 to $2, in hexadecimal, each with a path, so that every frame is a sign of life.
with added as (
  insert into account (number, name)
  select upper(to_hex(n)), 'Load ' || n from generate_series($1::bigint, $2::bigint) n
  returning id
)
insert into path (account, number, category) select id, 1, 'DP1' from added;

-- name: slow_commits
-- Each commit takes 5 ms, as on a disk that turns; whatever commits meanwhile waits for the same flush.
alter system set commit_delay = 5000;

-- name: slow_even_alone
-- Also when nobody else is at work.
alter system set commit_siblings = 0;

-- name: reset_delay
-- As it was.
alter system reset commit_delay;

-- name: reset_siblings
-- As it was.
alter system reset commit_siblings;

-- name: reload
-- What was set counts from now on.
select pg_reload_conf();

-- name: version
-- Of the server.
select current_setting('server_version') as version;
