-- name: schema_version
-- The version of the schema in this database, and what kind of station it is.
select schema_version, demo, virtual_time from station;

-- name: is_installed
-- Whether this database holds a station at all.
select to_regclass('station') is not null as installed;

-- name: create_station
-- The one row that says what this database is.
insert into station (schema_version, demo, virtual_time) values ($1, $2, $3);

-- name: begin_migration
-- From the version before to this one; no row if it is not the version before.
update station set schema_version = $1::int where schema_version = $1::int - 1 returning schema_version;

-- name: make_partitions
-- Days of partitions ahead, so that the first signals have a place.
select signal_partitions_ahead(7);

-- name: strays
-- Signals that found no partition of their day, up to a thousand.
select count(*) as signals from (select from signal_default limit 1000) as stray;

-- name: server_version
-- As a number: 170002 is 17.2.
select current_setting('server_version_num')::int as version;

-- name: existing_roles
-- Which of our roles the server knows; roles belong to the server, not to one database.
select rolname from pg_roles where rolname = any($1::text[]);

-- name: time_now
-- Station time: shifted in a rehearsal, the host's otherwise.
select station_now() as now;
