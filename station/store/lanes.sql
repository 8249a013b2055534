-- name: open_lane
-- A new lane for this connection. The lock is held until the connection ends: it tells readers that more may come.
with opened as (
  insert into lane (receiver, opened_at, read_at) values ($1, $2, $2) returning id
)
select id, pg_advisory_lock(1, id) from opened;

-- name: take_turn
-- Two dispatchers take turns at all lanes, those included that appear meanwhile.
select pg_advisory_xact_lock(2, 0);

-- name: follow
-- The next signals of every lane, in each lane's own order. The time only spares old partitions the search. A lane that
-- has more than the limit is read further than others in nothing but its own time: what other lanes hold beyond that
-- waits for the next batch, since a panel that called again may have reports in two lanes.
with next as (
  select s.id, s.received_at, s.account_id, s.account, s.kind, s.qualifier, s.zone, s.authenticity, s.old, s.repeat_key,
    s.suppressed, s.event_code, s.area, s.user_number, s.extended, s.raw,
    -- A lane keeps its own order even where its clock stepped back between two signals.
    max(s.received_at) over (partition by l.id order by s.id) as reached,
    count(*) over (partition by l.id) as of_lane, l.id as lane
  from lane l
  cross join lateral (
    select * from signal
    where id > (l.id::bigint << 32) + l.read_to and id < (l.id + 1)::bigint << 32
      and received_at >= l.read_at - interval '2 hours'
    order by id limit $1
  ) s
  where l.retired_at is null
), horizon as (
  select min(furthest) as at
  from (select max(reached) as furthest from next where of_lane = $1 group by lane) full_lanes
)
select next.* from next, horizon where at is null or reached <= at
order by reached, id;

-- name: move_cursors
-- These lanes are worked off up to these ids.
update lane set read_to = moved.id & 4294967295, read_at = moved.at
from unnest($1::bigint[], $2::timestamptz[]) as moved (id, at)
where lane.id = moved.id >> 32;

-- name: silent_lanes
-- Lanes whose connection is gone: nothing can be committed to them any more.
select id from lane l
where retired_at is null
  and not exists (
    select from pg_locks
    where locktype = 'advisory' and classid = 1 and objid = l.id::oid and granted
      and database = (select oid from pg_database where datname = current_database())
  );

-- name: retire_lanes
-- Of those found silent before the last reading, the ones that hold nothing unread.
update lane l set retired_at = clock_timestamp()
where l.id = any($1::int[]) and retired_at is null
  and not exists (
    select from signal
    where id > (l.id::bigint << 32) + l.read_to and id < (l.id + 1)::bigint << 32
      and received_at >= l.read_at - interval '2 hours'
  );
