-- name: category_times
-- The reporting times of EN 50136-1, or what the station made of them.
select category, reporting_s, alternative_s, alternative_alone_s from path_category_time;

-- name: last_change
-- The newest number of the change table; read before the paths, so that nothing falls between.
select coalesce(max(n), 0) as n from account_change;

-- name: paths_after
-- A slice of all paths with their state: those of the next accounts, whole accounts only.
select p.slot, p.account, a.grade, p.number, p.category, p.interval_s, p.reporting_s, p.network_path, p.prefix,
  p.receiver, p.transport, s.armed, coalesce(s.source, 0) as source,
  extract(epoch from coalesce(s.heard_at, s.watched_since))::float8 as heard_s,
  coalesce(extract(epoch from s.sent_at), 0)::float8 as sent_s,
  coalesce(extract(epoch from s.signal_at), 0)::float8 as signal_s
from path p join path_state s using (slot) join account a on a.id = p.account
where p.account in (select distinct account from path where account > $1 order by account limit $2)
order by p.account, p.number;

-- name: changes_after
-- The next changes of accounts; those of their paths are among them.
select n, account from account_change where n > $1 order by n limit $2;

-- name: paths_of
-- The paths of some accounts, with their state.
select p.slot, p.account, a.grade, p.number, p.category, p.interval_s, p.reporting_s, p.network_path, p.prefix,
  p.receiver, p.transport, s.armed, coalesce(s.source, 0) as source,
  extract(epoch from coalesce(s.heard_at, s.watched_since))::float8 as heard_s,
  coalesce(extract(epoch from s.sent_at), 0)::float8 as sent_s,
  coalesce(extract(epoch from s.signal_at), 0)::float8 as signal_s
from path p join path_state s using (slot) join account a on a.id = p.account
where p.account = any($1::bigint[])
order by p.account, p.number;

-- name: write_heard
-- What a receiver has heard. Nothing moves backwards: another host may have heard more.
update path_state s
set heard_at = greatest(s.heard_at, to_timestamp(g.heard_s)),
  sent_at = greatest(s.sent_at, to_timestamp(nullif(g.sent_s, 0))),
  signal_at = greatest(s.signal_at, to_timestamp(nullif(g.signal_s, 0))),
  source = case when s.heard_at > to_timestamp(g.heard_s) then s.source else nullif(g.source, 0) end,
  armed = case when s.signal_at > to_timestamp(g.signal_s) then s.armed else coalesce(g.armed, s.armed) end
from unnest($1::int[], $2::float8[], $3::float8[], $4::float8[], $5::bigint[], $6::boolean[])
  as g (slot, heard_s, sent_s, signal_s, source, armed)
where s.slot = g.slot;

-- name: heard_of
-- The last sign of life of some paths, by whatever host.
select slot, extract(epoch from heard_at)::float8 as heard_s from path_state
where slot = any($1::int[]) and heard_at is not null;

-- name: heard_again
-- Lost paths that some host has heard since.
select slot, extract(epoch from heard_at)::float8 as heard_s from path_state
where lost_at is not null and heard_at > lost_at;

-- name: lost_paths
-- What is lost, for whoever sweeps next.
select slot, extract(epoch from lost_at)::float8 as lost_s, storm from path_state where lost_at is not null;

-- name: mark_lost
-- The loss of these is told.
update path_state s set lost_at = coalesce(s.lost_at, to_timestamp($2::float8)), storm = g.storm
from unnest($1::int[], $3::text[]) as g (slot, storm)
where s.slot = g.slot;

-- name: mark_back
-- The return of these is told.
update path_state set lost_at = null, storm = null where slot = any($1::int[]);

-- name: owners
-- Whose paths these are.
select p.slot, p.account, p.number, a.number as account_number
from path p join account a on a.id = p.account
where p.slot = any($1::int[]);

-- name: take_turn
-- One receiver of all sweeps. The lock ends with the session.
select pg_try_advisory_lock(hashtext('supervision'), 0) as taken;

-- name: last_sweep
-- When receivers last swept, and since when they had listened.
select extract(epoch from swept_at)::float8 as swept_s, extract(epoch from listening_since)::float8 as since_s,
  extract(epoch from anew_since)::float8 as anew_s
from supervision where swept_at is not null;

-- name: note_sweep
-- Receivers sweep, and have listened since.
update supervision set swept_at = to_timestamp($1::float8), listening_since = to_timestamp($2::float8),
  anew_since = to_timestamp($3::float8);
