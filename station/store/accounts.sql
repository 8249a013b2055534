-- name: one_at_a_time
-- Two imports at once could wait for each other's rows for ever.
select pg_advisory_xact_lock(hashtext('accounts import'));

-- name: upsert_accounts
-- New accounts as given; of those that exist only the columns named in $21, and the key if `key` is among them.
insert into account (number, prefix, receiver, name, premises, address, city, country, language, time_zone, grade,
                     key_sealed, key_format, window_past_s, window_future_s, observe_window, enrolling, test_every_s,
                     notes)
select number, prefix, receiver, name, premises, address, city, country, language::language, time_zone, grade,
       key_sealed, key_format::key_format, window_past_s, window_future_s, observe_window, enrolling, test_every_s,
       notes
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::smallint[], $12::bytea[], $13::text[], $14::int[], $15::int[],
            $16::boolean[], $17::boolean[], $18::int[], $19::text[], $20::int[])
  as given (number, prefix, receiver, name, premises, address, city, country, language, time_zone, grade,
            key_sealed, key_format, window_past_s, window_future_s, observe_window, enrolling, test_every_s, notes,
            place)
order by place
on conflict (number, prefix, receiver) do update set
  name = case when 'name' = any($21::text[]) then excluded.name else account.name end,
  premises = case when 'premises' = any($21) then excluded.premises else account.premises end,
  address = case when 'address' = any($21) then excluded.address else account.address end,
  city = case when 'city' = any($21) then excluded.city else account.city end,
  country = case when 'country' = any($21) then excluded.country else account.country end,
  language = case when 'language' = any($21) then excluded.language else account.language end,
  time_zone = case when 'time_zone' = any($21) then excluded.time_zone else account.time_zone end,
  grade = case when 'grade' = any($21) then excluded.grade else account.grade end,
  key_sealed = case when 'key' = any($21) then excluded.key_sealed else account.key_sealed end,
  key_format = case when 'key' = any($21) then excluded.key_format else account.key_format end,
  window_past_s = case when 'window_past_s' = any($21) then excluded.window_past_s else account.window_past_s end,
  window_future_s =
    case when 'window_future_s' = any($21) then excluded.window_future_s else account.window_future_s end,
  observe_window = case when 'observe_window' = any($21) then excluded.observe_window else account.observe_window end,
  enrolling = case when 'enrolling' = any($21) then excluded.enrolling else account.enrolling end,
  test_every_s = case when 'test_every' = any($21) then excluded.test_every_s else account.test_every_s end,
  notes = case when 'notes' = any($21) then excluded.notes else account.notes end
returning id, number, prefix, receiver, xmax = 0 as is_new;

-- name: forget_areas
-- Before all areas of these accounts are written anew.
delete from area where account = any($1::bigint[]);

-- name: write_areas
-- Areas of many accounts.
insert into area (account, number, name) select * from unnest($1::bigint[], $2::text[], $3::text[]);

-- name: forget_zones
-- Before all zones of these accounts are written anew.
delete from zone where account = any($1::bigint[]);

-- name: write_zones
-- Zones of many accounts.
insert into zone (account, number, name, area) select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]);

-- name: forget_contacts
-- Contacts of these accounts that are not among the given ones: incidents know a contact by his number here, so whoever
-- stays keeps it.
delete from contact c where c.account = any($1::bigint[]) and not exists (
  select from unnest($2::bigint[], $3::text[], $4::text[]) as given (account, name, phone)
  where given.account = c.account and given.name = c.name and given.phone = c.phone
);

-- name: change_contacts
-- Those that stay, at their place of the list.
update contact c set position = given.position, language = given.language::language
from unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[])
  as given (account, position, name, phone, language)
where c.account = given.account and c.name = given.name and c.phone = given.phone;

-- name: write_contacts
-- Contacts of many accounts, in the customer's order.
insert into contact (account, position, name, phone, language)
select account, position, name, phone, language::language
from unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[])
  as given (account, position, name, phone, language)
where not exists (
  select from contact c where c.account = given.account and c.name = given.name and c.phone = given.phone
);

-- name: numbers_after
-- A page of accounts, by id.
select id, number from account where id > $1 order by id limit $2;

-- name: forget_paths
-- Paths of these accounts that are not given any more.
delete from path p where account = any($1::bigint[])
  and not exists (select from unnest($2::bigint[], $3::smallint[]) as g (account, number)
                  where g.account = p.account and g.number = p.number);

-- name: change_paths
-- Paths that are given otherwise than before keep their slots and what is known of them.
update path p set category = g.category::path_category, interval_s = g.interval_s, reporting_s = g.reporting_s,
  network_path = g.network_path, prefix = g.prefix, receiver = g.receiver, transport = g.transport::transport
from unnest($1::bigint[], $2::smallint[], $3::text[], $4::int[], $5::int[], $6::smallint[], $7::text[], $8::text[],
            $9::text[])
  as g (account, number, category, interval_s, reporting_s, network_path, prefix, receiver, transport)
where p.account = g.account and p.number = g.number
  and (p.category, p.interval_s, p.reporting_s, p.network_path, p.prefix, p.receiver, p.transport)
    is distinct from (g.category::path_category, g.interval_s, g.reporting_s, g.network_path, g.prefix, g.receiver,
                      g.transport::transport);

-- name: write_paths
-- New paths. ON CONFLICT would use up a slot for each that exists.
insert into path (account, number, category, interval_s, reporting_s, network_path, prefix, receiver, transport)
select account, number, category::path_category, interval_s, reporting_s, network_path, prefix, receiver,
  transport::transport
from unnest($1::bigint[], $2::smallint[], $3::text[], $4::int[], $5::int[], $6::smallint[], $7::text[], $8::text[],
            $9::text[])
  as g (account, number, category, interval_s, reporting_s, network_path, prefix, receiver, transport)
where not exists (select from path p where p.account = g.account and p.number = g.number)
order by account, number;

-- name: accounts_after
-- A page of accounts with all that belongs to them, in the order in which they were made.
select a.*,
  (select json_agg(json_build_array(number, name) order by number collate "C") from area where account = a.id) as areas,
  (select json_agg(json_build_array(number, name, area) order by number collate "C") from zone
   where account = a.id) as zones,
  (select json_agg(json_build_array(name, phone, language) order by position) from contact
   where account = a.id) as contacts,
  (select json_agg(p order by number) from path p where account = a.id) as paths
from account a
where a.id > $1
order by a.id
limit $2;
