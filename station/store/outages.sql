-- name: stricken
-- Open incidents of mains or paths that began lately and stand for themselves, by place and by carrier. Never part of an
-- outage: grades 3 and 4, sites whose several paths are all lost, what is more urgent than the outage itself (a low
-- battery), and sites that reported anything else lately.
select i.id, coalesce(nullif(c.carrier, ''), '') as carrier, a.city, i.matter
from incident i join account a on a.id = i.account_id left join care c on c.account = a.id
where i.state in ('waiting', 'automatic') and i.matter in ('power', 'path_lost', 'comms') and i.parent is null
  and i.opened_at > station_now() - $1::interval and i.restored_at is null and coalesce(a.grade, 1) < 3
  and i.priority > 3
  and not exists (select from incident o where o.account_id = i.account_id and o.id <> i.id
                    and o.opened_at > station_now() - interval '30 minutes');

-- name: parents
-- Mass outages that are open, and how many of their members are.
select p.id, p.account, p.progress, count(m.id) as members, count(m.id) filter (where m.state <> 'closed') as open
from incident p left join incident m on m.parent = p.id
where p.state <> 'closed' and p.matter = 'station' and p.account like 'OUTAGE %'
group by p.id;

-- name: members
-- The open members of a mass outage.
select id from incident where parent = $1 and state <> 'closed' order by id limit $2;
