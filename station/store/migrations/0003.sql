-- From version 2: action plans, customers' agreements, guards and agencies, timers and messages, shards, and what the auditor
-- may see. Each statement stands in schema.sql, where it is explained.

create type contact_role as enum (
  'contact',    -- a person of the customer's list
  'keyholder',  -- the same, with keys
  'premises'    -- the line of the protected place itself
);

-- Whose code a panel reports.
create type panel_user_kind as enum (
  'ordinary',   -- somebody of the house: may take an alarm back
  'duress',     -- means: I am being forced
  'installer',
  'guard'
);

create type armed as enum ('armed', 'part', 'disarmed');

create type service as enum ('police', 'fire', 'medical');

create type effect_kind as enum (
  'sms',  -- a text message
  'call'  -- a call by machine: the duty telephone
);

create type effect_state as enum (
  'queued',
  'sending',    -- the provider is being told; until `claimed_until` nobody else tells him
  'accepted',   -- he has taken it over
  'delivered',
  'failed',     -- with his reason
  'unknown',    -- it may have been sent or not, and nobody can say
  'stale'       -- not sent: it would have come too late to be true
);

create type media_state as enum (
  'wanted',    -- a signal names it
  'fetching',  -- the fetcher is at it
  'stored',
  'refused',   -- not allowed: its host, its address, its size or its kind
  'failed',    -- not there, as often as it was tried
  'gone'       -- kept as long as it may be
);

alter table contact
  drop constraint contact_pkey,
  add column id bigint generated always as identity,
  add column role contact_role not null default 'contact',
  add column hours text,
  add unique (account, position) deferrable initially deferred;
alter table contact add primary key (id);

-- What is agreed for an account, apart from what receivers hold in memory.
create table care (
  account bigint primary key references account on delete cascade,
  password_kept text,                 -- keyed with the station key, then argon2id; never the word itself
  duress_kept text,
  counter_sealed bytea,               -- the counter-password, sealed with the station key
  counter_first boolean not null default false,  -- on our own calls the station proves itself first
  window_s int check (window_s > 0),  -- how far signals that confirm each other may lie apart
  detectors int check (detectors > 0),           -- how many are installed
  domestic boolean not null default true,
  guard boolean not null default false,          -- the contract holds guard visits
  guard_visits int not null default 0,           -- so many a year; more are billed
  technician boolean not null default false,     -- the contract holds technicians' visits; otherwise they are billed
  call_instead boolean not null default false,   -- power failures are telephoned: a cold room, a medical device
  quiet_hours text,                   -- JSON: when no message is sent unless life is at stake
  suspended_until timestamptz,        -- police come no more before, by order of an authority
  suspended_by text not null default '',
  permit text not null default '',
  permit_until date,
  police int,                         -- the services of the place, by `agency`
  fire int,
  medical int,
  schedule text,                      -- JSON: opening hours
  arm_reminder time,                  -- local time at which a disarmed place is reminded
  restore_within_s int check (restore_within_s > 0),  -- an alarm that is not restored by then is reported
  multi_knock_s int check (multi_knock_s > 0),        -- one detector alone waits so long for a second
  carrier text not null default '',   -- whose line or network it reports by: outages are recognised by it
  media_consent boolean not null default false,
  check ((suspended_until is null) = (suspended_by = ''))
);

-- Police, fire and medical services, each with a number that works from the station's own city: never a short number,
-- which would reach the service of our region.
create table agency (
  id int generated always as identity primary key,
  service service not null,
  name text not null,
  country text not null check (country ~ '^[A-Z]{2}$'),
  phone text not null check (phone ~ '^\+[0-9]{6,15}$'),
  email text not null default '',
  webhook text not null default '' check (webhook = '' or webhook ~ '^https://')
);
alter table care add foreign key (police) references agency;
alter table care add foreign key (fire) references agency;
alter table care add foreign key (medical) references agency;

-- Who arms and disarms, by the panel's number.
create table panel_user (
  account bigint not null references account on delete cascade,
  number text not null,
  name text not null,
  kind panel_user_kind not null,
  contact bigint references contact on delete set null,  -- the same person among the contacts
  primary key (account, number)
);

-- How each area is armed, by its last opening or closing.
create table area_state (
  account bigint not null references account on delete cascade,
  area text not null,
  armed armed not null,
  at timestamptz not null,
  user_number text,
  means text not null,                -- keypad, remote, automatic ... as the code says
  signal bigint not null,
  primary key (account, area)
);

-- What an account is to have done by a time: closed, opened, restored. What has not happened by then is reported.
create table expected (
  account bigint not null references account on delete cascade,
  what text not null check (what ~ '^[a-z_]+$'),  -- late_to_close, fail_to_open, arm_reminder, restore
  subject text not null,              -- of which kind and zone; empty: of the account
  due_at timestamptz not null,
  primary key (account, what, subject)
);
create index expected_next on expected (due_at);

-- Premises on test: alarms of the named zones and kinds are logged, not handled.
create table on_test (
  id bigint generated always as identity primary key,
  account bigint not null references account,
  zones text[] not null,              -- empty: all
  kinds kind[] not null,              -- life-safety kinds only where they were named aloud
  started_at timestamptz not null,
  ends_at timestamptz not null,
  latest_end_at timestamptz not null, -- no extension goes beyond
  remind_at timestamptz,
  ended_at timestamptz,
  started_by int not null references operator,
  approved_by int references operator,
  asked_by bigint references contact on delete set null,
  check (ends_at > started_at and ends_at <= latest_end_at)
);
create index on_test_open on on_test (account) where ended_at is null;

-- What came meanwhile and was not handled.
create table tested_signal (
  test bigint not null references on_test,
  signal bigint not null,
  kind kind not null,
  zone text not null,
  restored boolean not null default false,
  primary key (test, signal)
);

-- What takes two people: asked by one, approved by another.
create table approval (
  id bigint generated always as identity primary key,
  what text not null check (what ~ '^[a-z_]+$'),
  body text not null,                 -- JSON: of what exactly
  asked_by int not null references operator,
  asked_at timestamptz not null,
  approved_by int references operator,
  approved_at timestamptz,
  used_at timestamptz,
  check (approved_by is distinct from asked_by),
  check ((approved_by is null) = (approved_at is null))
);

-- Something to do later: a change of data to be called back about, a technician, a wrong number.
create table task (
  id bigint generated always as identity primary key,
  account bigint references account,
  incident bigint,
  what text not null check (what ~ '^[a-z_]+$'),
  text text not null,
  call_back text not null default '',
  billable boolean not null default false,  -- a technician's visit outside the contract
  made_by text not null,
  made_at timestamptz not null,
  done_by int references operator,
  done_at timestamptz
);

-- Patrols, in the order in which they are asked.
create table guard (
  id int generated always as identity primary key,
  name text not null,
  phone text not null,
  place text not null default '',     -- city that it serves; empty: any
  position smallint not null default 1,
  active boolean not null default true
);

-- Keys that we keep; the code on the tag says nothing of the place, and changes every six months and after each use.
create table premises_key (
  id bigint generated always as identity primary key,
  account bigint not null references account,
  code text not null unique,
  coded_at timestamptz not null,
  with_guard int references guard
);
create table key_move (
  key bigint not null references premises_key,
  n int not null,
  at timestamptz not null,
  actor text not null,
  to_guard int references guard,      -- null: back in the safe
  incident bigint,
  approval bigint references approval,
  primary key (key, n)
);

-- Who may use the HTTP API, and as whom.
create table api_token (
  token_hash bytea primary key,       -- SHA-256: the table alone opens nothing
  operator int not null references operator,
  name text not null,
  created_at timestamptz not null,
  expires_at timestamptz
);

-- Books of action plans: all that were ever in force.
create table plan_book (
  version text primary key,           -- SHA-256 of all texts, in hex
  texts text not null,                -- JSON: name -> text
  made_at timestamptz not null,
  activated_at timestamptz
);

alter table incident
  add column matter text,
  add column plan text not null default '',
  add column step text not null default '',
  add column confirmed boolean not null default false,
  add column duress boolean not null default false,
  add column to_review boolean not null default false,
  add column parent bigint references incident,
  add column next_due_at timestamptz,
  add column progress text not null default '';

-- Emergencies of one account that are open beside each other stay so until they are closed.
update incident i set matter = case when authenticated is false and kind not in ('not_authenticated', 'unknown_account') then 'doubtful ' else '' end || case
    when kind in ('fire', 'medical', 'panic_holdup', 'gas_co', 'burglary', 'tamper', 'untyped') and (
      state = 'closed' or id = (
        select min(o.id) from incident o
        where o.state <> 'closed' and o.account = i.account and o.account_id is not distinct from i.account_id
          and (o.authenticated is false) = (i.authenticated is false)
          and o.kind in ('fire', 'medical', 'panic_holdup', 'gas_co', 'burglary', 'tamper', 'untyped')))
    then 'emergency' else kind::text end,
  next_due_at = case when state <> 'closed' then station_now() end;
alter table incident alter column matter set not null;
drop index incident_open;
create unique index incident_open on incident (coalesce(account_id::text, 'unknown ' || account), matter)
  where state <> 'closed';
create index incident_of_account on incident (account_id, opened_at);
create index incident_due on incident (next_due_at) where state <> 'closed';
create index incident_review on incident (closed_at) where to_review;
create index incident_members on incident (parent) where parent is not null;

drop function incident_append;

-- What comes due by itself, one row a timer: due times are rows, not sleeping tasks, so they outlive every process.
create table timer (
  incident bigint not null,            -- no foreign key: timers are set and taken away with every step
  name text not null,                 -- step, untaken, idle, cancel, effect:3, guard:1
  due_at timestamptz not null,
  primary key (incident, name)
);
create index timer_due on timer (due_at);

-- The outbox: what leaves the building, written in the transaction of the event that caused it.
create table effect (
  id uuid primary key,                -- our key with the provider: by it he is asked what became of it
  incident bigint not null references incident,
  no int not null,
  kind effect_kind not null,
  template text not null,
  recipient text not null,            -- contact:5, guard:3, duty
  about text not null,
  urgent boolean not null,
  priority smallint not null,
  not_before timestamptz,
  due_at timestamptz not null,
  state effect_state not null default 'queued',
  queued_at timestamptz not null,
  claimed_until timestamptz,
  attempts int not null default 0,
  next_at timestamptz,                -- not tried again before
  reference text not null default '', -- the provider's own name for it
  why text not null default '',
  told boolean not null default false,  -- the incident knows of the state
  unique (incident, no)
);
create index effect_waiting on effect (urgent desc, priority, queued_at) where state in ('queued', 'sending');
create index effect_untold on effect (incident) where not told;

-- Work is shared by shards: an incident and a lane belong to the shard of their number modulo 16. A dispatcher holds a
-- shard by a lease; the fence counts holders, and a transaction that comes with an old one is refused.
create table shard (
  number smallint primary key check (number between 0 and 15),
  holder text,
  fence int not null default 0,
  lease_until timestamptz not null default '-infinity'
);
insert into shard (number) select generate_series(0, 15);

-- Dispatchers at work, by their last sign of life.
create table dispatcher (
  name text primary key,
  lease_until timestamptz not null
);

-- Be at work, and take a fair share of the shards: those already held first, then free ones whose lease has run out.
-- Who holds more than his share, since another came, gives the rest back.
create function shards_take(p_holder text, p_lease interval)
  returns table (number smallint, fence int)
  language plpgsql security definer set search_path from current as $$
declare
  share int;
begin
  perform pg_advisory_xact_lock(hashtext('shards'));
  delete from dispatcher d where d.lease_until < clock_timestamp();
  insert into dispatcher values (p_holder, clock_timestamp() + p_lease)
    on conflict (name) do update set lease_until = excluded.lease_until;
  select ceil(16.0 / count(*)) into share from dispatcher;
  update shard s set holder = null, lease_until = '-infinity'
  where s.number in (select x.number from shard x where x.holder = p_holder order by x.number offset share);
  return query
    with mine as (
      select s.number from shard s
      where s.holder = p_holder or s.lease_until < clock_timestamp()
      order by (s.holder is not distinct from p_holder) desc, s.number limit share
    )
    update shard s set fence = s.fence + (s.holder is distinct from p_holder)::int, holder = p_holder,
      lease_until = clock_timestamp() + p_lease
    from mine where s.number = mine.number
    returning s.number, s.fence;
end $$;

-- Whoever ends in order leaves its work to others at once.
create function shards_give_back(p_holder text) returns void
  language sql security definer set search_path from current as $$
  delete from dispatcher where name = p_holder;
  update shard set holder = null, lease_until = '-infinity' where holder = p_holder;
$$;

-- In every transaction of a dispatcher: the shards are still his, and nobody takes them before it ends.
-- Error SE003: they are not.
create function shards_hold(p_numbers smallint[], p_fences int[]) returns void
  language plpgsql security definer set search_path from current as $$
declare
  held int;
begin
  perform from shard where number = any(p_numbers) order by number for share;
  select count(*) into held
  from unnest(p_numbers, p_fences) as mine (number, fence) join shard s using (number)
  where s.fence = mine.fence and s.lease_until > clock_timestamp();
  if held <> cardinality(p_numbers) then
    raise exception 'a shard has another holder' using errcode = 'SE003';
  end if;
end $$;

-- Errors that the desk answers: SE001 the writer's lease is gone, SE002 the incident moved on meanwhile. SE004 is a bug.
--
-- The one way to write to incidents: events in order, and the rows that they add up to (`p_rows`, JSON of `incident`).
-- `p_fences` has one entry a row; null: the engine, which takes nothing from a holder. `p_timer_rows` are all timers of
-- the rows in `p_timed`; `p_effects` the new messages.
create function incidents_append(
  p_incident bigint[], p_n int[], p_at timestamptz[], p_actor text[], p_kind incident_event_kind[], p_signal bigint[],
  p_body text[], p_prev bytea[], p_hash bytea[],
  p_rows json, p_ids bigint[], p_fences int[],
  p_timed bigint[], p_timer_incident bigint[], p_timer_name text[], p_timer_due timestamptz[], p_effects json
) returns void language plpgsql security definer set search_path from current as $$
declare
  wrong bigint;
begin
  perform from incident where id = any(p_ids) order by id for no key update;
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
  insert into incident overriding system value select (r).* from (select json_populate_recordset(null::incident, p_rows) as r) x
  where not exists (select from incident i where i.id = (r).id);
  update incident i set kind = r.kind, priority = r.priority, authenticated = r.authenticated, state = r.state,
    restored_at = r.restored_at, operator = r.operator, fence = r.fence,
    -- A signal that joins a held incident leaves its holder's lease alone.
    lease_until = case when r.state = 'taken' then coalesce(r.lease_until, i.lease_until) end,
    hold_until = r.hold_until, closed_at = r.closed_at, disposition = r.disposition, last_n = r.last_n,
    last_signal_n = r.last_signal_n, last_hash = r.last_hash, signals = r.signals, points = r.points, plan = r.plan,
    step = r.step, confirmed = r.confirmed, duress = r.duress, to_review = r.to_review, parent = r.parent,
    next_due_at = r.next_due_at, progress = r.progress
  from json_populate_recordset(null::incident, p_rows) r where i.id = r.id and i.last_n <> r.last_n;
  insert into incident_event (incident, n, at, actor, kind, signal, body, prev_hash, hash)
  select * from unnest(p_incident, p_n, p_at, p_actor, p_kind, p_signal, p_body, p_prev, p_hash);
  delete from timer where incident = any(p_timed);
  insert into timer select * from unnest(p_timer_incident, p_timer_name, p_timer_due);
  insert into effect (id, incident, no, kind, template, recipient, about, urgent, priority, not_before, due_at, queued_at)
  select id, incident, no, kind, template, recipient, about, urgent, priority, not_before, due_at, queued_at
  from json_populate_recordset(null::effect, p_effects);
end $$;

-- A station that rehearses may move its clock; no other.
create function station_shift(p_by interval) returns void
  language plpgsql security definer set search_path from current as $$
begin
  update station set time_shift = time_shift + p_by where virtual_time;
  if not found then
    raise exception 'only a database made with --virtual-time may shift its clock' using errcode = 'check_violation';
  end if;
end $$;

-- Pictures and films of alarms. Fetched by a process of its own, which may reach allowed hosts and nothing of ours.
create table media_host (
  host text primary key check (host = lower(host)),  -- exact; with a leading dot: all below it
  plain boolean not null default false               -- http will do
);
create table media (
  id bigint generated always as identity primary key,
  incident bigint not null references incident,
  signal bigint not null,
  url text not null,
  state media_state not null default 'wanted',
  why text not null default '',
  content_type text,
  sha256 bytea,
  content bytea,                      -- null once gone
  wanted_at timestamptz not null,
  expires_at timestamptz not null,    -- no longer than the law allows
  attempts int not null default 0,
  next_at timestamptz,
  unique (signal, url),
  check ((state = 'stored') = (content is not null))
);
create index media_wanted on media (id) where state in ('wanted', 'fetching');
create table media_look (
  media bigint not null references media,
  operator int not null references operator,
  at timestamptz not null,
  reason text not null
);

-- A look at a picture: only of an alarm, with the customer's consent, for as long as it is kept; and each is recorded.
create function media_open(p_media bigint, p_operator int, p_reason text)
  returns table (content bytea, content_type text)
  language plpgsql security definer set search_path from current as $$
declare
  found_media media%rowtype;
begin
  select m.* into found_media from media m join incident i on i.id = m.incident join care c on c.account = i.account_id
  where m.id = p_media and m.state = 'stored' and m.expires_at > station_now() and c.media_consent;
  if found_media.id is null then
    return;
  end if;
  insert into media_look values (p_media, p_operator, station_now(), p_reason);
  perform audit_append('operator:' || p_operator, 'media_looked_at',
                       json_build_object('incident', found_media.incident, 'media', p_media)::text);
  return query select found_media.content, found_media.content_type;
end $$;

-- Nobody works on it: in the queue, or about to return there, or its plan does not go on by itself as it should.
create or replace function incident_waits(i incident) returns boolean language sql stable as $$
  select i.state = 'waiting' or (i.state = 'taken' and i.lease_until < clock_timestamp())
    or (i.state = 'on_hold' and i.hold_until <= station_now())
    or (i.state = 'automatic' and coalesce(i.next_due_at, '-infinity') < station_now() - interval '1 minute')
$$;

-- Whether the engine keeps up --------------------------------------------------------------------------------------
-- For the auditor, which is separate from the engine. Due times are station time; leases, and what receivers stamp, are
-- real time.

-- How late the engine is. Lateness counts from the release where a station was restored: before it, nothing was to
-- happen. `p_late`: incidents later than this are counted; `p_matters`: what the auditor itself reports.
create function auditor_look(p_late interval, p_matters text[])
  returns table (
    without_due bigint,       -- open incidents with no next action
    a_without_due bigint,     -- one of them
    due_late bigint,          -- open incidents whose next action is overdue by more than `p_late`
    a_due_late bigint,        -- the latest of them
    due_late_s float8,        -- the oldest next action; null: none is due
    timer_late_s float8,      -- the oldest timer; null: none is due
    unread_s float8,          -- the oldest signal that no dispatcher has worked off
    queued_s float8,          -- the oldest message that may leave and that nobody has begun to send
    sending_late_s float8,    -- since the claim on a message that is being sent ran out
    released boolean,         -- false: a restored station, in which nothing acts by itself yet
    standing text[]           -- which of `p_matters` have an open incident that did not end
  )
  language plpgsql stable security definer set search_path from current as $$
declare
  instant timestamptz := station_now();
  since timestamptz := (select s.released_at from station s);  -- null: never restored, or not yet released
  oldest timestamptz;
begin
  released := effects_released();
  select count(*) filter (where i.next_due_at is null), min(i.id) filter (where i.next_due_at is null),
    count(*) filter (where greatest(i.next_due_at, since) < instant - p_late and i.next_due_at is not null),
    (array_agg(i.id order by i.next_due_at, i.id)
       filter (where greatest(i.next_due_at, since) < instant - p_late and i.next_due_at is not null))[1],
    min(i.next_due_at)
  into without_due, a_without_due, due_late, a_due_late, oldest
  from incident i where i.state <> 'closed';
  -- GREATEST leaves nulls out: where nothing is due, the release is no due time.
  if oldest <= instant then
    due_late_s := extract(epoch from instant - greatest(oldest, since));
  end if;
  select min(t.due_at) into oldest from timer t;
  if oldest <= instant then
    timer_late_s := extract(epoch from instant - greatest(oldest, since));
  end if;
  select extract(epoch from clock_timestamp() - min(first.received_at))::float8 into unread_s
  from lane l
  cross join lateral (
    select s.received_at from signal s
    where s.id > (l.id::bigint << 32) + l.read_to and s.id < (l.id + 1)::bigint << 32
      and s.received_at >= l.read_at - interval '2 hours'
    order by s.id limit 1
  ) first
  where l.retired_at is null;
  -- One that is not to leave yet, or not again yet, does not wait.
  select min(greatest(e.queued_at, e.not_before, e.next_at)) into oldest from effect e where e.state = 'queued';
  if oldest <= instant then
    queued_s := extract(epoch from instant - greatest(oldest, since));
  end if;
  select min(e.claimed_until) into oldest from effect e where e.state = 'sending';
  if oldest < clock_timestamp() then
    sending_late_s := extract(epoch from clock_timestamp() - greatest(oldest, since));
  end if;
  select coalesce(array_agg(distinct i.account order by i.account), '{}') into standing
  from incident i
  where i.state <> 'closed' and i.kind = 'station' and i.account = any(p_matters) and i.restored_at is null;
  return next;
end $$;

-- Who may what. Granted again as a whole: what was granted before is granted still.

revoke all on all functions in schema public from public;
grant execute on function station_now() to sereno_receiver, sereno_dispatcher, sereno_console, sereno_command;
grant execute on function attention, waiting_alarms to sereno_receiver, sereno_command;
grant execute on function effects_released() to sereno_receiver, sereno_dispatcher, sereno_console, sereno_command;
grant select on station to sereno_receiver, sereno_dispatcher, sereno_console, sereno_command;

grant insert on signal to sereno_receiver;
grant select on account, account_change to sereno_receiver;
grant select, insert on lane to sereno_receiver;
grant select on path, path_category_time, path_state, supervision, test_due to sereno_receiver;
grant update on path_state, supervision to sereno_receiver;
grant insert, update, delete on test_due to sereno_receiver;

grant select on lane, signal, signal_default, signal_repeat, signal_key, operator, session, incident, incident_event,
  account, area, zone, contact, care, panel_user, area_state, expected, on_test, tested_signal, agency, guard, timer,
  effect, shard, plan_book, path, path_state to sereno_dispatcher;
grant insert on signal, lane to sereno_dispatcher;  -- what it reports itself: late to close, too few operators
grant insert, update, delete on area_state, expected to sereno_dispatcher;
grant insert, update on tested_signal to sereno_dispatcher;
grant update (ends_at, remind_at, ended_at) on on_test to sereno_dispatcher;
grant update (state, claimed_until, attempts, next_at, reference, why, told) on effect to sereno_dispatcher;
grant insert on task, plan_book to sereno_dispatcher;
grant execute on function shards_take, shards_hold, shards_give_back to sereno_dispatcher;
grant update (read_to, read_at, retired_at) on lane to sereno_dispatcher;
grant insert on signal_repeat to sereno_dispatcher;
grant insert, update, delete on signal_key to sereno_dispatcher;
grant usage on sequence incident_id_seq to sereno_dispatcher;  -- it names incidents before it writes them
grant execute on function incidents_append, signal_partitions_ahead to sereno_dispatcher;

grant select on account, area, zone, contact, lane, signal, signal_repeat, operator, incident, incident_event,
  incident_content, session, sign_on_failure to sereno_console;
grant insert on incident_content to sereno_console;
grant insert, delete, update (seen_at, expires_at) on session to sereno_console;
grant insert, delete on sign_on_failure to sereno_console;
grant update (language) on operator to sereno_console;
grant select on care, agency, panel_user, area_state, expected, on_test, tested_signal, approval, task, guard,
  premises_key, key_move, api_token, plan_book, timer, effect, path to sereno_console;
grant insert, update, delete on contact, panel_user to sereno_console;
grant insert, update on care, on_test, approval, task, premises_key to sereno_console;
grant insert on guard, agency to sereno_console;
grant insert, update, delete on expected to sereno_console;  -- a new timetable counts at once
grant insert on key_move, api_token, plan_book to sereno_console;
grant update (state, why, told) on effect to sereno_console;
grant usage on sequence incident_id_seq to sereno_console;
grant execute on function incidents_append, incident_renew, audit_append to sereno_console;

grant select on all tables in schema public to sereno_command;
grant insert, update on account to sereno_command;  -- signals and incidents name accounts: none is ever deleted
grant insert, update, delete on area, zone, contact, path, panel_user, agency, guard, care to sereno_command;
grant insert, update on plan_book to sereno_command;
grant insert, delete on api_token to sereno_command;
grant execute on function station_shift to sereno_command;
grant update on path_category_time to sereno_command;
grant insert, update on operator to sereno_command;
grant delete on session to sereno_command;  -- whose password is replaced must sign on anew
grant execute on function audit_append, effects_release to sereno_command;

-- The auditor may read how far each incident has come, no incident's content; the hash of the last audit row, none of its
-- text; when signals came, nothing that they say.
grant select (id, last_n, last_hash) on incident to sereno_auditor;
grant select (n, hash) on audit to sereno_auditor;
grant select (received_at) on signal to sereno_auditor;
grant select on station to sereno_auditor;
grant insert on signal to sereno_auditor;
grant select, insert on lane to sereno_auditor;
grant execute on function station_now(), auditor_look to sereno_auditor;

-- The fetcher sees what it is to fetch, and writes what it got.
grant select on media, media_host, station to sereno_fetcher;
grant update (state, why, content_type, sha256, content, attempts, next_at) on media to sereno_fetcher;
grant execute on function station_now() to sereno_fetcher;
grant select on media_host to sereno_dispatcher;
grant insert on media to sereno_dispatcher;
grant select (id, incident, signal, url, state, why, content_type, sha256, wanted_at, expires_at) on media to sereno_console;
grant execute on function media_open to sereno_console;
grant insert, delete on media_host to sereno_command;
