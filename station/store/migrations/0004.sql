-- From 3 to 4. What is written to incidents is found by key: the table of all incidents is not read for each event.

create or replace function incidents_append(
  p_incident bigint[], p_n int[], p_at timestamptz[], p_actor text[], p_kind incident_event_kind[], p_signal bigint[],
  p_body text[], p_prev bytea[], p_hash bytea[],
  p_rows json, p_ids bigint[], p_fences int[],
  p_timed bigint[], p_timer_incident bigint[], p_timer_name text[], p_timer_due timestamptz[], p_effects json
) returns void language plpgsql security definer set search_path from current
  -- Its statements look up what they are given by key: to plan them anew for each call took longer than to run them.
  set plan_cache_mode = force_generic_plan as $$
declare
  wrong bigint;
  known bigint[];
begin
  select array_agg(id) into known
  from (select id from incident where id = any(p_ids) order by id for no key update) locked;
  select f.incident into wrong
  from (select distinct on (e.incident) * from unnest(p_incident, p_n, p_prev) as e (incident, n, prev)
        order by e.incident, e.n) f
  left join incident i on i.id = f.incident
  where case when i.id is null then f.n <> 1 or f.prev <> '\x' else i.last_n + 1 <> f.n or i.last_hash <> f.prev end
  limit 1;
  if found then
    raise exception 'incident % moved on', wrong using errcode = 'SE002';
  end if;
  select e.incident into wrong
  from (select *, lag(hash) over w as before, lag(n) over w as n_before
        from unnest(p_incident, p_n, p_at, p_actor, p_kind, p_signal, p_body, p_prev, p_hash)
          as e (incident, n, at, actor, kind, signal, body, prev, hash)
        window w as (partition by incident order by n)) e
  where (e.before is not null and (e.before <> e.prev or e.n_before + 1 <> e.n))
    or e.hash <> sha256(e.prev || convert_to(concat_ws('|', e.incident, e.n, (extract(epoch from e.at) * 1000000)::bigint,
                        e.actor, e.kind, coalesce(e.signal::text, '-'), e.body), 'UTF8'))
  limit 1;
  if found then
    raise exception 'the events of incident % do not follow each other', wrong using errcode = 'SE004';
  end if;
  select i.id into wrong
  from unnest(p_ids, p_fences) as f (id, fence) join incident i on i.id = f.id
  join json_populate_recordset(null::incident, p_rows) r on r.id = i.id
  where case
    when f.fence is not null then
      i.fence <> f.fence or i.state <> 'taken' or i.lease_until < clock_timestamp()
    when i.state = 'taken' then
      -- The engine adds to what is held, and takes it from nobody but a console that fell silent.
      (r.state, r.operator, r.fence) is distinct from (i.state, i.operator, i.fence)
      and not (i.lease_until < clock_timestamp())
      and not exists (select from unnest(p_incident, p_kind) as e (incident, kind)
                      where e.incident = i.id and e.kind = 'taken_over')
      -- And nobody but the holder writes in an operator's name, except who stands beside him.
      or exists (select from unnest(p_incident, p_actor, p_kind) as e (incident, actor, kind)
                 where e.incident = i.id and e.actor <> 'dispatcher'
                   and e.kind not in ('taken_over', 'seconded', 'reviewed', 'taken'))
    else false
  end
  limit 1;
  if found then
    raise exception 'the lease on incident % is gone', wrong using errcode = 'SE001';
  end if;
  insert into incident overriding system value select r.* from json_populate_recordset(null::incident, p_rows) r
  where not exists (select from unnest(known) as k (id) where k.id = r.id);
  update incident i set kind = r.kind, priority = r.priority, authenticated = r.authenticated, state = r.state,
    restored_at = r.restored_at, operator = r.operator, fence = r.fence,
    -- A signal that joins a held incident leaves its holder's lease alone.
    lease_until = case when r.state = 'taken' then coalesce(r.lease_until, i.lease_until) end,
    hold_until = r.hold_until, closed_at = r.closed_at, disposition = r.disposition, last_n = r.last_n,
    last_signal_n = r.last_signal_n, last_hash = r.last_hash, signals = r.signals, points = r.points, plan = r.plan,
    step = r.step, confirmed = r.confirmed, duress = r.duress, to_review = r.to_review, parent = r.parent,
    next_due_at = r.next_due_at, progress = r.progress
  from json_populate_recordset(null::incident, p_rows) r where i.id = r.id and i.id = any(known);
  insert into incident_event (incident, n, at, actor, kind, signal, body, prev_hash, hash)
  select * from unnest(p_incident, p_n, p_at, p_actor, p_kind, p_signal, p_body, p_prev, p_hash);
  delete from timer where incident = any(p_timed);
  insert into timer select * from unnest(p_timer_incident, p_timer_name, p_timer_due);
  insert into effect (id, incident, no, kind, template, recipient, about, urgent, priority, not_before, due_at, queued_at)
  select id, incident, no, kind, template, recipient, about, urgent, priority, not_before, due_at, queued_at
  from json_populate_recordset(null::effect, p_effects);
end $$;
