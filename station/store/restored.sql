-- name: restoration
-- What is missing since a restore, and whether effects were released.
select restored_to, restored_at, released_at from station where restored_at is not null;

-- name: effects_released
-- Whether timers may fire and messages may leave.
select effects_released() as released;

-- name: release
-- Let them go on.
select effects_release($1) as released;

-- name: mark
-- This database was brought back to an instant. Until a person releases it nothing acts by itself.
update station set restored_to = $1, restored_at = station_now(), released_at = null returning restored_at;

-- name: end_sessions
-- Whoever was signed off after that instant would be signed on again.
delete from session;

-- name: a_sealed_key
-- One panel key, to try a station key on.
select key_sealed from account where key_sealed is not null limit 1;
