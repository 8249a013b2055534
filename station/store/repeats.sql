-- name: claim_keys
-- Claims the keys that are new, or whose last signal is further away than the window. Gives the others, which belong to
-- copies, with the signal that each was first claimed for.
with claimed as (
  insert into signal_key as known (key, signal, received_at)
  select * from unnest($1::bytea[], $2::bigint[], $3::timestamptz[])
  on conflict (key) do update set signal = excluded.signal, received_at = excluded.received_at,
    claimed_at = excluded.claimed_at
  where excluded.received_at > known.received_at + $4::interval
    or excluded.received_at < known.received_at - $4::interval
  returning key
)
select key, signal from signal_key
where key in (select * from unnest($1::bytea[]) except all select key from claimed);

-- name: mark_repeats
-- These signals are copies of those; written again after a crash, it stays so.
insert into signal_repeat (signal, repeat_of) select * from unnest($1::bigint[], $2::bigint[]) on conflict do nothing;

-- name: forget_keys
-- Claimed long ago; but none while signals wait to be read, since a copy may be among them.
delete from signal_key
where claimed_at < clock_timestamp() - $1::interval
  and not exists (
    select from lane l
    where l.retired_at is null and exists (
      select from signal
      where id > (l.id::bigint << 32) + l.read_to and id < (l.id + 1)::bigint << 32
        and received_at >= l.read_at - interval '2 hours'
    )
  );
