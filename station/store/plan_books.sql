-- name: active
-- The book in force.
select version, texts from plan_book where activated_at is not null order by activated_at desc, made_at desc limit 1;

-- name: active_version
-- Which book is in force.
select version from plan_book where activated_at is not null order by activated_at desc, made_at desc limit 1;

-- name: book
-- One book, whenever it was in force.
select version, texts from plan_book where version = $1;

-- name: keep
-- A book, as text.
insert into plan_book (version, texts, made_at) values ($1, $2, station_now()) on conflict do nothing;

-- name: keep_active
-- The first book of a station, in force at once.
insert into plan_book (version, texts, made_at, activated_at) values ($1, $2, station_now(), station_now())
on conflict do nothing;

-- name: activate
-- From now on incidents begin under this book.
update plan_book set activated_at = station_now() where version = $1 returning version;

-- name: books
-- All books, the newest first.
select version, made_at, activated_at from plan_book order by made_at desc;
