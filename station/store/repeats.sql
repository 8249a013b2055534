-- name: claim_keys
-- The keys that are new, or whose last signal is older than the window; the others belong to copies.
insert into signal_key as known (key, signal, received_at)
select * from unnest($1::bytea[], $2::bigint[], $3::timestamptz[])
on conflict (key) do update set signal = excluded.signal, received_at = excluded.received_at
where excluded.received_at > known.received_at + $4::interval
returning key;

-- name: key_owners
-- The first signal of each key.
select key, signal from signal_key where key = any($1::bytea[]);

-- name: mark_repeats
-- These signals are copies of those; written again after a crash, it stays so.
insert into signal_repeat (signal, repeat_of) select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing;

-- name: forget_keys
-- Older than any window.
delete from signal_key where received_at < $1;
