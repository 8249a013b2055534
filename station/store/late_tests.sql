-- name: plans_of
-- The plans of some accounts, with what is known of their reports.
select a.id as account, a.number, a.test_every_s as every_s, a.time_zone, d.tested_at, d.due_at, d.late_at
from account a left join test_due d on d.account = a.id
where a.id = any($1::bigint[]) and a.test_every_s is not null;

-- name: plans_changed
-- A page of accounts whose row in test_due does not say what the account does: of all, or of those that changed.
select a.id as account, a.number, a.test_every_s as every_s, a.time_zone, d.tested_at, d.due_at, d.late_at
from account a left join test_due d on d.account = a.id
where a.id > $2 and (a.test_every_s is not null or d.account is not null)
  and (a.test_every_s, a.time_zone) is distinct from (d.every_s, d.time_zone)
  and ($1::bigint is null or a.id in (select account from account_change where n > $1))
order by a.id
limit $3;

-- name: overdue
-- Reports that did not come.
select a.id as account, a.number, d.every_s, d.time_zone, d.tested_at, d.due_at, d.late_at
from test_due d join account a on a.id = d.account
where d.late_at is null and d.due_at < $1
order by d.due_at
limit $2;

-- name: due_while_deaf
-- Reports that were awaited between $1 and $2; $3 is how late one may be.
select a.id as account, a.number, d.every_s, d.time_zone, d.tested_at, d.due_at, d.late_at
from test_due d join account a on a.id = d.account
where d.late_at is null and d.due_at >= $1 and d.due_at - $3::interval <= $2;

-- name: write_due
-- The next report of an account. One that came while another host wrote stays.
insert into test_due (account, every_s, time_zone, tested_at, due_at)
select $1::bigint, $2::int, $3::text, $4::timestamptz, $5::timestamptz
where exists (select from account where id = $1)
on conflict (account) do update set every_s = excluded.every_s, time_zone = excluded.time_zone,
  tested_at = greatest(test_due.tested_at, excluded.tested_at), due_at = excluded.due_at, late_at = null;

-- name: mark_late
-- It is told that these are late.
update test_due set late_at = $2 where account = any($1::bigint[]);

-- name: forget
-- No report of these is awaited.
delete from test_due where account = any($1::bigint[]);
