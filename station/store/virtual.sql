-- name: shift
-- The clock of a rehearsal is moved on.
select station_shift($1);

-- name: next_due
-- The first moment at which anything comes due by itself.
select min(at) as at from (
  select min(due_at) as at from timer
  union all select min(hold_until) from incident where state = 'on_hold'
  union all select min(due_at) from expected
  union all select min(least(ends_at, remind_at)) from on_test where ended_at is null
  union all select min(greatest(not_before, next_at)) from effect where state = 'queued'
) due;
