-- name: facts
-- What rules know of these accounts, one row each.
select a.id, a.country, a.grade, a.time_zone, c.window_s, c.detectors, coalesce(c.domestic, true) as domestic,
  coalesce(c.guard, false) as guard, coalesce(c.guard_visits, 0) as guard_visits,
  coalesce(c.call_instead, false) as call_instead, c.quiet_hours, c.schedule, c.multi_knock_s, c.restore_within_s,
  coalesce(c.carrier, '') as carrier, a.city, coalesce(c.media_consent, false) as media_consent, c.arm_reminder,
  coalesce(c.suspended_until > station_now(), false) as suspended,
  array_remove(array[case when c.police is not null then 'police' end, case when c.fire is not null then 'fire' end,
                     case when c.medical is not null then 'medical' end], null) as services,
  (select count(*) > 1 from path p where p.account = a.id) as dual_path,
  (select count(*) from area r where r.account = a.id) as areas,
  (select json_agg(json_build_array(k.id, k.role, k.hours) order by k.position) from contact k where k.account = a.id)
    as contacts,
  (select json_object_agg(u.number, json_build_array(u.kind, u.contact)) from panel_user u where u.account = a.id)
    as users,
  (select json_object_agg(s.area, s.armed) from area_state s where s.account = a.id) as armed,
  (select json_agg(g.id order by g.position, g.id) from guard g where g.active and g.place in ('', a.city)) as patrols,
  (select count(*) from incident_event e join incident i on i.id = e.incident
   where c.guard and i.account_id = a.id and e.kind = 'guard_moved' and e.body like '%"on_site"%'
     and e.at > station_now() - interval '1 year') as visits,
  (select json_agg(json_build_array(t.id, t.zones, t.kinds)) from on_test t
   where t.account = a.id and t.ended_at is null and t.ends_at > station_now()) as tests
from account a left join care c on c.account = a.id
where a.id = any($1::bigint[]);

-- name: earlier
-- What incidents of these accounts have shown lately.
select account_id, id, progress from incident
where account_id = any($1::bigint[]) and (opened_at > $2 or state <> 'closed') and progress <> '';

-- name: note_armed
-- How these areas are armed now.
insert into area_state (account, area, armed, at, user_number, means, signal)
select distinct on (account, area) * from unnest($1::bigint[], $2::text[], $3::armed[], $4::timestamptz[], $5::text[],
  $6::text[], $7::bigint[]) as n (account, area, armed, at, user_number, means, signal)
order by account, area, at desc, signal desc
on conflict (account, area) do update set armed = excluded.armed, at = excluded.at, user_number = excluded.user_number,
  means = excluded.means, signal = excluded.signal
where area_state.at <= excluded.at;

-- name: note_tested
-- What came while the premises were on test.
insert into tested_signal (test, signal, kind, zone, restored)
select * from unnest($1::bigint[], $2::bigint[], $3::kind[], $4::text[], $5::boolean[])
on conflict do nothing;

-- name: tested_restores
-- What of it ended.
update tested_signal t set restored = true
from unnest($1::bigint[], $2::kind[], $3::text[]) as r (test, kind, zone)
where t.test = r.test and t.kind = r.kind and (r.zone = '' or t.zone = r.zone);
