-- name: position
-- How far the log is safe on this disk, and the clock just before: whatever was committed by then lies before it.
select clock_timestamp() as at, (pg_current_wal_flush_lsn() - '0/0')::bigint as lsn,
  left(pg_walfile_name(pg_current_wal_flush_lsn()), 8) as timeline;

-- name: slots
-- What keeps log from being removed on behalf of backups, and from where on.
select slot_name, (restart_lsn - '0/0')::bigint as kept_from, coalesce(wal_status = 'lost', true) as lost
from pg_replication_slots where slot_type = 'physical' and slot_name like 'sereno\_%' order by slot_name;

-- name: make_slot
-- Keep log from now on; a temporary slot ends with its session.
select slot_name from pg_create_physical_replication_slot($1, true, $2);

-- name: advance_slot
-- Log before this place may go.
select pg_replication_slot_advance($1, '0/0'::pg_lsn + $2::bigint::numeric);

-- name: drop_slot
-- Nothing need be kept any more.
select pg_drop_replication_slot($1);

-- name: take_turn
-- One archiver at a time, until its session ends.
select pg_advisory_lock(3, 0);

-- name: role_exists
-- Whether the server knows whom backups are made as.
select exists (select from pg_roles where rolname = $1) as known;

-- name: in_recovery
-- Whether the log is still being replayed.
select pg_is_in_recovery() as recovering;
