-- name: give_key
-- The account with the number $1 gets a key, so that clear text in its name proves nothing.
update account set key_sealed = $2, key_format = 'hex' where number = $1;
