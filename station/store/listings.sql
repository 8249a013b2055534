-- name: list_from
-- Where a list of the newest $5 signals begins; $2 null: any account, $3 null: any time, $4: repeats too.
select s.received_at, s.id
from signal s left join signal_repeat r on r.signal = s.id
where s.received_at <= $1 and ($2::text is null or upper(s.account) = upper($2))
  and ($3::timestamptz is null or s.received_at >= $3) and ($4::boolean or r.signal is null)
order by s.received_at desc, s.id desc
offset $5 - 1 limit 1;

-- name: newest_signal
-- When the list ends: what comes while it is being read is not in it.
select max(received_at) as received_at from signal;

-- name: signals_after
-- A page of signals from ($1, $2) exclusive, not newer than $3; $4 null: any account, $5: repeats too.
select s.*, a.name as account_name, r.repeat_of
from signal s
left join signal_repeat r on r.signal = s.id
left join account a on a.id = s.account_id
where (s.received_at, s.id) > ($1, $2) and s.received_at >= $1 and s.received_at <= $3
  and ($4::text is null or upper(s.account) = upper($4)) and ($5::boolean or r.signal is null)
order by s.received_at, s.id
limit $6;

-- name: incidents_after
-- A page of incidents after id $1; $2: only those that are not closed.
select i.*, a.name as account_name, o.name as operator_name,
  array(select e.signal from incident_event e where e.incident = i.id and e.signal is not null order by e.n)
    as signal_ids
from incident i
left join account a on a.id = i.account_id
left join operator o on o.id = i.operator
where i.id > $1 and (not $2::boolean or i.state <> 'closed')
order by i.id
limit $3;
