-- name: take
-- Up to so many shards, those already held first; with their fences.
select number, fence from shards_take($1, $2, $3);

-- name: hold
-- This transaction acts for these shards; refused if one of them has another holder.
select shards_hold($1, $2);

-- name: holders
-- How many dispatchers hold shards just now.
select count(distinct holder) as holders from shard where lease_until > clock_timestamp() and holder is not null;

-- name: give_back
-- Whoever ends gives its shards back, so that nobody waits for the lease to run out.
select number from shards_take($1, 0, interval '0');
