-- name: want
-- Links of alarms, once each. Without consent they are refused here; what is kept ends after the retention.
insert into media (incident, signal, url, state, why, wanted_at, expires_at)
select $1, $2, url, $4::media_state, $5, station_now(), station_now() + $6::interval from unnest($3::text[]) as url
on conflict do nothing;

-- name: next
-- What is to be fetched next; claimed, so that no other fetcher takes it. One that died is tried again.
update media m set state = 'fetching', attempts = attempts + 1, next_at = station_now() + interval '2 minutes'
from (
  select id from media
  where (state = 'wanted' and (next_at is null or next_at <= station_now()))
     or (state = 'fetching' and next_at <= station_now())
  order by id limit $1 for update skip locked
) n
where m.id = n.id returning m.id, m.url, m.attempts;

-- name: hosts
-- From where anything may be fetched.
select host, plain from media_host;

-- name: store
-- It was fetched.
update media set state = 'stored', content = $2, content_type = $3, sha256 = sha256($2), why = '', next_at = null
where id = $1 and state = 'fetching';

-- name: give_up
-- It will not be fetched, and why.
update media set state = $2::media_state, why = $3, next_at = null where id = $1 and state = 'fetching';

-- name: again
-- It is tried again later.
update media set state = 'wanted', why = $2, next_at = station_now() + $3::interval where id = $1 and state = 'fetching';

-- name: forget
-- Kept as long as it may be: the picture goes, that it was there stays.
update media set state = 'gone', content = null where state = 'stored' and expires_at <= station_now() returning id;

-- name: of_incident
-- What an incident has.
select id, signal, url, state, why, content_type, expires_at from media where incident = $1 order by id;

-- name: open
-- A look, which is recorded.
select content, content_type from media_open($1, $2, $3);

-- name: allow
-- From this host.
insert into media_host (host, plain) values (lower($1), $2) on conflict do nothing;
