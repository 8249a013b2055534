-- name: append
-- One line of the station's own chain.
select audit_append($1, $2, $3);

-- name: audit_after
-- A page of the station's chain.
select n, at, actor, action, body, prev_hash, hash from audit where n > $1 order by n limit $2;

-- name: incidents_after
-- A page of what incidents are said to be.
select * from incident where id > $1 order by id limit $2;

-- name: events_after
-- A page of the events of incidents up to $3, from incident $1 event $2 exclusive, with the frames that they speak of.
select e.incident, e.n, e.at, e.actor, e.kind, e.signal, e.body, e.prev_hash, e.hash, s.raw
from incident_event e left join signal s on s.id = e.signal
where (e.incident, e.n) > ($1, $2) and e.incident <= $3
order by e.incident, e.n
limit $4;

-- name: contents
-- The personal texts of incidents above $1, up to $2.
select id, incident, salt, text from incident_content where incident > $1 and incident <= $2;
