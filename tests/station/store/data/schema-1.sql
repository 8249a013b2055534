-- The law of the store: what may be written, by whom, and what must never be. PostgreSQL 15 or newer.
--
-- Reading order follows a signal: who we serve (account), what came (lane, signal, signal_repeat), what is being
-- handled (incident, incident_event), who works (operator, session, audit). Grants are at the end.
-- Installed whole by the schema's owner; `station.schema_version` names this text, and a process refuses another.

-- Types ---------------------------------------------------------------------------------------------------------

create type kind as enum (
  'fire',          -- smoke, heat, manual call point
  'medical',       -- pendant, fall, no sign of life
  'panic_holdup',  -- panic button, hold-up, duress code
  'gas_co',        -- gas, carbon monoxide
  'burglary',      -- intrusion, verified or not
  'tamper',        -- a case opened, a line cut, a code tried too often
  'verification',  -- listen-in and pictures
  'technical',     -- water, cold, heat, lift
  'supervisory',   -- fire valves, pumps and the like not in place
  'trouble',       -- a device of the system is not well
  'power',         -- mains and batteries
  'comms',         -- a path or a line of the panel
  'open_close',    -- disarmed and armed, and exceptions from the timetable
  'cancel',        -- the user took an alarm back
  'bypass',        -- a zone left out of service
  'access',        -- doors and cards
  'test',          -- periodic or manual test report
  'link_test',     -- the panel only says that it is there (DC-09 NULL, XNM)
  'system',        -- programming, clock, log
  'misc',          -- reported for the record
  'untyped',       -- a zone alarm whose kind the panel does not know
  'unknown_code',  -- readable, and in no code table
  'unreadable',    -- a sound frame whose payload cannot be read
  -- Only incidents are of these two: a report that is no alarm, yet must reach a person.
  'unknown_account',   -- somebody reports to us whom we do not serve
  'not_authenticated'  -- sent in an account's name, without its key
);

create type qualifier as enum (
  'new',      -- it began
  'restore',  -- it ended
  'status',   -- it is still so
  'opening',  -- an area was disarmed
  'closing'   -- an area was armed
);

create type authenticity as enum (
  'unproven',        -- clear text, and the account has no key
  'authenticated',   -- opened by the account's key, inside the time window
  'outside_window',  -- opened by the account's key, but late or recorded
  'clear_text',      -- clear text, and the account has a key
  'no_key',          -- encrypted, and we have no key to open it
  'wrong_key'        -- encrypted, and our key does not open it
);

create type reply as enum (
  'ack',  -- taken over
  'nak',  -- encrypted and outside the time window: corrects the panel's clock
  'duh'   -- not acted upon: not authenticated
);

create type protocol as enum ('dc09');         -- SIA DC-09
create type transport as enum ('tcp', 'udp');
create type language as enum ('es', 'pt', 'en');
create type key_format as enum ('hex', 'ascii');  -- how the installer typed it: the same text is another key

create type incident_state as enum (
  'waiting',  -- in the alarm queue
  'taken',    -- an operator holds it by a lease
  'on_hold',  -- nobody acts before `hold_until`
  'closed'    -- ended, with a disposition
);

create type disposition as enum (
  'real',             -- it was what it said
  'user_error',       -- somebody of the house set it off
  'equipment_fault',  -- the system set itself off
  'test',             -- it was a test
  'handled',          -- a condition, not an alarm: told and noted
  'unexplained'       -- no cause found
);

create type incident_event_kind as enum (
  'opened',         -- the dispatcher made an incident of a signal
  'joined',         -- another signal of the same matter
  'taken',          -- an operator holds it now
  'noted',          -- an operator wrote a note
  'handed_over',    -- to a named operator, or back to the queue
  'held',           -- put aside until a time
  'hold_ended',     -- the time came, or a new alarm did
  'lease_expired',  -- the holder's console fell silent: back to the queue
  'closed'
);

create type operator_role as enum ('operator', 'supervisor', 'administrator');

-- The station ---------------------------------------------------------------------------------------------------

create table station (
  one boolean primary key default true check (one),
  schema_version int not null,
  demo boolean not null,           -- simulated panels and people; real providers are refused
  virtual_time boolean not null default false,
  time_shift interval not null default '0',
  check (virtual_time or time_shift = '0')  -- only a rehearsal may shift its clock
);

create function station_now() returns timestamptz language sql stable as
  $$ select clock_timestamp() + (select time_shift from station) $$;

-- Who we serve --------------------------------------------------------------------------------------------------

create table account (
  id bigint generated always as identity primary key,
  number text not null check (number = upper(number) and number ~ '^[0-9A-Z]{1,16}$'),
  -- Hexadecimal without leading zeros, as DC-09 L and R; null answers to any.
  prefix text check (prefix ~ '^(0|[1-9A-F][0-9A-F]{0,5})$'),
  receiver text check (receiver ~ '^(0|[1-9A-F][0-9A-F]{0,5})$'),
  name text not null default '',
  premises text not null default '',  -- home, shop, bank, pharmacy: what stands there
  address text not null default '',
  city text not null default '',
  country text not null default '' check (country ~ '^([A-Z]{2})?$'),
  language language not null default 'en',
  time_zone text not null default 'UTC',
  grade smallint check (grade between 1 and 4),  -- EN 50131-1
  key_sealed bytea,                              -- the panel key, sealed with the station key
  key_format key_format,
  window_past_s int not null default 40 check (window_past_s >= 0),      -- DC-09 5.5.1.9
  window_future_s int not null default 20 check (window_future_s >= 0),
  supervision_s int check (supervision_s > 0),   -- the panel reports at least this often
  notes text not null default '',
  check ((key_sealed is null) = (key_format is null)),
  unique nulls not distinct (number, prefix, receiver)
);

create table area (
  account bigint not null references account on delete cascade,
  number text not null,
  name text not null,
  primary key (account, number)
);

create table zone (
  account bigint not null references account on delete cascade,
  number text not null,
  name text not null,
  area text,
  primary key (account, number)
);

create table contact (
  account bigint not null references account on delete cascade,
  position smallint not null check (position > 0),  -- the customer's order; 1 is the principal
  name text not null,
  phone text not null,  -- E.164
  language language not null,
  primary key (account, position)
);

-- Receivers hold accounts in memory and apply changes by number. The lock makes numbers follow commits, so that a
-- reader who has seen n never meets a smaller one later.
create table account_change (
  n bigint generated always as identity primary key,
  account bigint not null
);

create function account_changed() returns trigger language plpgsql security definer set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtext('account_change'));
  insert into account_change (account) select distinct id from changed;
  return null;
end $$;

create trigger account_inserted after insert on account
  referencing new table as changed for each statement execute function account_changed();
create trigger account_updated after update on account
  referencing new table as changed for each statement execute function account_changed();
create trigger account_deleted after delete on account
  referencing old table as changed for each statement execute function account_changed();

-- What came -----------------------------------------------------------------------------------------------------

-- A lane is one writing connection of a receiver. It holds at most one transaction in flight, so within a lane ids
-- become visible in order, and no other transaction can hide or delay a signal from a reader who goes lane by lane.
create table lane (
  id int generated always as identity primary key,
  receiver text not null,
  opened_at timestamptz not null,
  read_to bigint not null default 0,  -- the dispatcher has worked off the lane up to this place
  read_at timestamptz not null,       -- the time of that signal: where the next reading may begin
  retired_at timestamptz              -- its connection is gone and all of it is read
);
create index lane_live on lane (id) where retired_at is null;

create table signal (
  id bigint not null,                 -- lane * 2^32 + place in the lane, from 1
  received_at timestamptz not null,
  protocol protocol not null,
  transport transport not null,
  peer text not null,
  account_id bigint,                  -- no foreign key: accounts are never deleted while signals name them, and
                                      -- a look-up a row would cost a tenth of the receiver's throughput
  account text not null,              -- as sent
  receiver text,
  prefix text,
  sequence text not null,
  token text not null,
  kind kind not null,
  qualifier qualifier not null,
  event_code text,
  area text,
  zone text,
  user_number text,
  text text not null,
  extended text,                      -- JSON: [["V", "https://..."], ...]
  occurred_at timestamptz,
  old boolean not null,
  payload text not null,
  raw bytea not null,
  authenticity authenticity not null,
  reply reply not null,
  repeat_key bytea,                   -- equal for two copies of one event; null where copies do not matter
  unique (id, received_at)
) partition by range (received_at);
create index signal_received_at on signal (received_at);
create index signal_account on signal (upper(account), received_at);

-- Nothing may ever be refused for want of a partition; a row in here is shown as a fault.
create table signal_default partition of signal default;

-- One partition a UTC day, made ahead. LIKE and ATTACH take milliseconds; PARTITION OF stalls inserts for seconds.
create function signal_partitions_ahead(days int) returns void
  language plpgsql security definer set search_path from current as $$
declare
  day date;
  partition text;
begin
  perform pg_advisory_xact_lock(hashtext('signal_partitions'));
  for day in select current_date - 1 + i from generate_series(0, days + 1) i loop
    partition := 'signal_' || to_char(day, 'YYYYMMDD');
    -- A day whose signals already lie in the default partition can't be attached; they are safe where they are.
    if to_regclass(partition) is null and not exists (
      select from signal_default
      where received_at >= day::timestamp at time zone 'UTC' and received_at < (day + 1)::timestamp at time zone 'UTC'
    ) then
      execute format('create table %I (like signal including all)', partition);
      execute format('alter table signal attach partition %I for values from (%L) to (%L)',
                     partition, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end if;
  end loop;
end $$;

-- A copy of a signal: by retry, by a second path, or by a write whose outcome was unknown and that was written again.
create table signal_repeat (
  signal bigint primary key,
  repeat_of bigint not null,
  check (repeat_of <> signal)
);

-- The last word on repeats: written in the transaction that moves `lane.read_to`.
create table signal_key (
  key bytea primary key,
  signal bigint not null,
  received_at timestamptz not null,
  claimed_at timestamptz not null default clock_timestamp()
);
create index signal_key_age on signal_key (claimed_at);

-- Who works -----------------------------------------------------------------------------------------------------

create table operator (
  id int generated always as identity primary key,
  name text not null check (name ~ '^[^|[:cntrl:]]{1,60}$'),
  role operator_role not null,
  language language not null default 'en',
  password_hash text not null,        -- argon2id
  active boolean not null default true
);
create unique index operator_name on operator (lower(name));

create table session (
  token_hash bytea primary key,       -- SHA-256 of the cookie: the table alone opens no session
  operator int not null references operator,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);

create table sign_on_failure (
  name text not null,                 -- as typed, lower case: unknown names count and lock alike
  at timestamptz not null
);
create index sign_on_failure_name on sign_on_failure (name, at);

-- What is being handled -----------------------------------------------------------------------------------------

create table incident (
  id bigint generated always as identity primary key,
  account_id bigint references account,
  account text not null,              -- as sent; all there is when the account is unknown
  kind kind not null,
  priority smallint not null check (priority between 1 and 9),  -- 1 is the most urgent
  authenticated boolean,              -- true if one of its alarms was, false if none could be proven though a key exists
  state incident_state not null,
  opened_at timestamptz not null,
  restored_at timestamptz,            -- the condition ended; null while it lasts
  operator int references operator,
  fence int not null default 0,       -- counts holders: a writer with an old number is refused
  lease_until timestamptz,
  hold_until timestamptz,
  closed_at timestamptz,
  disposition disposition,
  last_n int not null,
  last_signal_n int not null,         -- the event that brought the last signal
  last_hash bytea not null,
  signals int not null,
  points text[] not null,             -- zones still in alarm, by the panel's own words
  check ((state = 'taken') = (operator is not null)),
  check ((state = 'taken') = (lease_until is not null)),
  check ((state = 'on_hold') = (hold_until is not null)),
  check ((state = 'closed') = (closed_at is not null)),
  check ((state = 'closed') = (disposition is not null))
);
-- One open incident for one matter: a second signal joins it, never opens another.
create unique index incident_open on incident (coalesce(account_id::text, 'unknown ' || account), kind)
  where state <> 'closed';
create index incident_queue on incident (priority, opened_at, id) where state = 'waiting';
create index incident_held on incident (lease_until) where state = 'taken';
create index incident_on_hold on incident (hold_until) where state = 'on_hold';
create index incident_account on incident (account, opened_at);

-- An incident is its events; the `incident` row is what they add up to.
create table incident_event (
  incident bigint not null references incident,
  n int not null check (n > 0),
  at timestamptz not null,
  actor text not null check (actor ~ '^[a-z]+(:[0-9]+)?$'),  -- dispatcher, operator:7
  kind incident_event_kind not null,
  signal bigint,
  body text not null,                 -- JSON, byte for byte what was hashed
  prev_hash bytea not null,
  hash bytea not null,
  primary key (incident, n)
);
create index incident_event_signal on incident_event (signal) where signal is not null;

-- Personal content lies apart: the event holds its salted hash, so it can be erased and the chain still verifies.
create table incident_content (
  id uuid primary key,
  incident bigint not null references incident,
  salt bytea not null,
  text text                           -- null once erased
);
create index incident_content_incident on incident_content (incident);

-- Errors that the desk answers: SE001 the writer's lease is gone, SE002 the incident moved on meanwhile.
create function incident_append(
  p_incident bigint, p_n int, p_fence int, p_at timestamptz, p_actor text, p_event incident_event_kind,
  p_signal bigint, p_body text,
  p_account_id bigint, p_account text, p_kind kind, p_priority smallint, p_authenticated boolean,
  p_state incident_state, p_opened_at timestamptz, p_restored_at timestamptz, p_operator int, p_new_fence int,
  p_lease_until timestamptz, p_hold_until timestamptz, p_closed_at timestamptz, p_disposition disposition,
  p_last_signal_n int, p_signals int, p_points text[]
) returns bigint language plpgsql security definer set search_path from current as $$
declare
  was incident%rowtype;
  target bigint := p_incident;
  chained bytea := '\x';
  link bytea;
begin
  select * into was from incident where id = target for no key update;
  if p_n = 1 and was.id is null then
    target := coalesce(target, nextval(pg_get_serial_sequence('incident', 'id')));
  else
    if was.id is null or was.last_n + 1 <> p_n then
      raise exception 'incident % moved on', target using errcode = 'SE002';
    end if;
    if p_fence is not null and (was.fence <> p_fence or was.state <> 'taken' or was.lease_until < clock_timestamp()) then
      raise exception 'the lease on incident % is gone', target using errcode = 'SE001';
    end if;
    -- Without a fence a taken incident only gets further signals, and its lease may be found to have run out.
    if p_fence is null and was.state = 'taken' and p_event <> 'joined'
       and not (p_event = 'lease_expired' and was.lease_until < clock_timestamp()) then
      raise exception 'incident % is taken: the fence is missing', target using errcode = 'SE001';
    end if;
    chained := was.last_hash;
  end if;
  link := sha256(chained || convert_to(concat_ws('|', target, p_n, (extract(epoch from p_at) * 1000000)::bigint,
                 p_actor, p_event, coalesce(p_signal::text, '-'), p_body), 'UTF8'));
  if p_n = 1 then
    insert into incident (id, account_id, account, kind, priority, authenticated, state, opened_at, last_n,
                          last_signal_n, last_hash, signals, points)
    overriding system value
    values (target, p_account_id, p_account, p_kind, p_priority, p_authenticated, p_state, p_opened_at, p_n,
            p_last_signal_n, link, p_signals, p_points);
  else
    update incident set priority = p_priority, authenticated = p_authenticated, state = p_state,
      restored_at = p_restored_at, operator = p_operator, fence = p_new_fence,
      -- A signal that joins a held incident leaves its holder's lease alone.
      lease_until = case when p_state = 'taken' then coalesce(p_lease_until, lease_until) end,
      hold_until = p_hold_until, closed_at = p_closed_at, disposition = p_disposition, last_n = p_n,
      last_signal_n = p_last_signal_n, last_hash = link, signals = p_signals, points = p_points
    where id = target;
  end if;
  insert into incident_event (incident, n, at, actor, kind, signal, body, prev_hash, hash)
  values (target, p_n, p_at, p_actor, p_event, p_signal, p_body, chained, link);
  return target;
end $$;

-- A console that is alive keeps its lease. Renewals are not events: they change nothing that anybody did.
create function incident_renew(p_incident bigint, p_operator int, p_fence int, p_until timestamptz) returns boolean
  language sql security definer set search_path from current as $$
  update incident set lease_until = p_until
  where id = p_incident and operator = p_operator and fence = p_fence and state = 'taken'
    and lease_until >= clock_timestamp()
  returning true
$$;

-- Who did what ----------------------------------------------------------------------------------------------------

-- What people did outside incidents: sign-on, imports, new operators. One chain for the station.
create table audit (
  n bigint primary key,
  at timestamptz not null,
  actor text not null check (actor ~ '^[a-z]+(:[0-9]+)?$'),
  action text not null check (action ~ '^[a-z_]+$'),
  body text not null,
  prev_hash bytea not null,
  hash bytea not null
);

create function audit_append(p_actor text, p_action text, p_body text) returns bigint
  language plpgsql security definer set search_path from current as $$
declare
  last audit%rowtype;
  instant timestamptz;
begin
  perform pg_advisory_xact_lock(hashtext('audit'));
  instant := station_now();
  select * into last from audit order by n desc limit 1;
  insert into audit (n, at, actor, action, body, prev_hash, hash)
  values (coalesce(last.n, 0) + 1, instant, p_actor, p_action, p_body, coalesce(last.hash, '\x'),
          sha256(coalesce(last.hash, '\x') || convert_to(concat_ws('|', coalesce(last.n, 0) + 1,
                 (extract(epoch from instant) * 1000000)::bigint, p_actor, p_action, p_body), 'UTF8')));
  return coalesce(last.n, 0) + 1;
end $$;

-- Who may what ----------------------------------------------------------------------------------------------------
-- Nobody but the owner may UPDATE or DELETE a signal, an incident event or an audit row; incidents change only
-- through `incident_append` and `incident_renew`.

revoke all on all functions in schema public from public;
grant execute on function station_now() to sereno_receiver, sereno_dispatcher, sereno_console, sereno_command;
grant select on station to sereno_receiver, sereno_dispatcher, sereno_console, sereno_command;

grant insert on signal to sereno_receiver;
grant select on account, account_change to sereno_receiver;
grant select, insert on lane to sereno_receiver;

grant select on lane, signal, signal_default, signal_repeat, signal_key, operator, incident, incident_event
  to sereno_dispatcher;
grant update (read_to, read_at, retired_at) on lane to sereno_dispatcher;
grant insert on signal_repeat to sereno_dispatcher;
grant insert, update, delete on signal_key to sereno_dispatcher;
grant usage on sequence incident_id_seq to sereno_dispatcher;  -- it names incidents before it writes them
grant execute on function incident_append, signal_partitions_ahead to sereno_dispatcher;

grant select on account, area, zone, contact, lane, signal, signal_repeat, operator, incident, incident_event,
  incident_content, session, sign_on_failure to sereno_console;
grant insert on incident_content to sereno_console;
grant insert, delete, update (seen_at, expires_at) on session to sereno_console;
grant insert, delete on sign_on_failure to sereno_console;
grant update (language) on operator to sereno_console;
grant execute on function incident_append, incident_renew, audit_append to sereno_console;

grant select on all tables in schema public to sereno_command;
grant insert, update on account to sereno_command;  -- signals and incidents name accounts: none is ever deleted
grant insert, update, delete on area, zone, contact to sereno_command;
grant insert, update on operator to sereno_command;
grant delete on session to sereno_command;  -- whose password is replaced must sign on anew
grant execute on function audit_append to sereno_command;
