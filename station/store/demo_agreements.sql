-- name: agencies
-- A police, fire and medical service for each country of the demo accounts; numbers of no real service.
insert into agency (service, name, country, phone)
select s.service, initcap(s.service::text) || ' ' || c.country, c.country, c.digits || s.tail
from (select distinct country, case country when 'PT' then '+351210000' when 'ES' then '+34910000' else '+56220000' end
        as digits from account where country <> '') c
cross join (values ('police'::service, '091'), ('fire', '080'), ('medical', '061')) as s (service, tail)
where not exists (select from agency);

-- name: guards
-- Three patrols.
insert into guard (name, phone, position)
select 'Patrulla ' || n, '+3460000000' || n, n from generate_series(1, 3) n where not exists (select from guard);

-- name: care
-- The same agreement for everybody.
insert into care (account, password_kept, duress_kept, counter_sealed, guard, guard_visits, detectors, police, fire, medical)
select a.id, $1, $2, $3, true, 2, 4,
  (select id from agency g where g.country = a.country and g.service = 'police'),
  (select id from agency g where g.country = a.country and g.service = 'fire'),
  (select id from agency g where g.country = a.country and g.service = 'medical')
from account a on conflict do nothing;

-- name: users
-- Two users at each panel: the principal, and an installer.
insert into panel_user (account, number, name, kind, contact)
select c.account, '1', c.name, 'ordinary'::panel_user_kind, c.id from contact c where c.position = 1
union all select a.id, '9', 'Instalador', 'installer', null from account a
on conflict do nothing;
