-- name: last_change
-- The newest number of the change table; read before the accounts, so that nothing falls between.
select coalesce(max(n), 0) as n from account_change;

-- name: all_accounts
-- What receivers hold of every account.
select id, number, prefix, receiver, key_sealed, window_past_s, window_future_s from account;

-- name: changed_accounts
-- What has changed since: a row for each account touched, its fields null if it is gone.
select c.n, c.account, a.id, a.number, a.prefix, a.receiver, a.key_sealed, a.window_past_s, a.window_future_s
from (select account, max(n) as n from account_change where n > $1 group by account) c
left join account a on a.id = c.account
order by c.n;
