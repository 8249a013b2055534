-- name: database_clock
-- The database's clock, and whether another host keeps it: sessions within one host have the same address at both ends.
select extract(epoch from clock_timestamp())::float8 as at_s,
       inet_server_addr() is distinct from inet_client_addr() as elsewhere;
