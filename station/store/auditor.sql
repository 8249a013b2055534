-- name: look
-- How late the engine is; $1 what counts as late, $2 the auditor's own matters.
select * from auditor_look($1::interval, $2::text[]);
