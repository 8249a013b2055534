-- name: last_change
-- The newest number of the change table; read before the accounts, so that nothing falls between.
select coalesce(max(n), 0) as n from account_change;

-- name: accounts_after
-- A slice of what receivers hold of every account, by id.
select id, number, prefix, receiver, key_sealed, window_past_s, window_future_s, observe_window, enrolling
from account where id > $1 order by id limit $2;

-- name: changed_accounts
-- The next slice of what has changed: a row for each account touched, its fields null if it is gone.
select c.n, c.account, a.id, a.number, a.prefix, a.receiver, a.key_sealed, a.window_past_s, a.window_future_s,
  a.observe_window, a.enrolling
from (
  select account, max(n) as n from (select n, account from account_change where n > $1 order by n limit $2) slice
  group by account
) c
left join account a on a.id = c.account
order by c.n;
