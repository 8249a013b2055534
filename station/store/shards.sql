-- name: take
-- A fair share of the shards, with their fences.
select number, fence from shards_take($1, $2);

-- name: hold
-- This transaction acts for these shards; refused if one of them has another holder.
select shards_hold($1, $2);

-- name: give_back
-- Whoever ends gives its shards back, so that nobody waits for the lease to run out.
select shards_give_back($1);
