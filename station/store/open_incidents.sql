-- name: open
-- The first $1 of each state: the most urgent, then the oldest.
select i.id, i.account, coalesce(a.name, '') as name, coalesce(a.city, '') as city, i.kind, i.priority,
  i.authenticated, i.state, i.opened_at, i.restored_at, i.signals, i.last_n, i.plan, i.step, i.confirmed, i.duress,
  i.next_due_at, o.name as holder, i.hold_until
from (
  select *, row_number() over (partition by state order by priority, opened_at, id) as place
  from incident where state <> 'closed'
) i left join account a on a.id = i.account_id left join operator o on o.id = i.operator
where i.place <= $1 order by i.priority, i.opened_at, i.id;
