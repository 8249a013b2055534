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
  -- Reported by the receiver itself.
  'path_lost',         -- one way by which a panel reports has been silent for too long
  'all_paths_lost',    -- all of them: nothing can reach us from there
  'late_to_test',      -- the daily or weekly test report did not come
  'runaway',           -- a panel floods; its repeats are stored and kept from the queue
  'station',           -- the station itself is not well; the account names what of it
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

create type protocol as enum (
  'dc09',       -- SIA DC-09, from panels
  'dc07',       -- SIA DC-07, from receivers of other makes
  'surgard',    -- Sur-Gard MLR2 and System III/5, from such receivers
  'ademco685',  -- Ademco 685, the same
  'd6500',      -- Bosch/Radionics D6500, the same
  'own'         -- no wire: our receiver itself reports
);
create type transport as enum ('tcp', 'udp', 'tls', 'inside');  -- inside: no wire
create type path_category as enum (
  'SP1', 'SP2', 'SP3', 'SP4', 'SP5', 'SP6',  -- EN 50136-1, one path
  'DP1', 'DP2', 'DP3', 'DP4',                -- EN 50136-1, a primary path and an alternative one
  'custom'                                   -- an interval of its own
);
create type language as enum ('es', 'pt', 'en');
-- How the installer typed it: the same text is another key. `auto`: 32 characters that may be either, tried as both.
create type key_format as enum ('hex', 'ascii', 'auto');

create type incident_state as enum (
  'waiting',  -- in the alarm queue
  'taken',    -- an operator holds it by a lease
  'on_hold',  -- nobody acts before `hold_until`
  'closed',   -- ended, with a disposition
  'automatic' -- its plan goes on by itself: nobody need act before the next timer
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
  'closed',
  -- By the engine.
  'planned',          -- an action plan was chosen
  'facts_changed',    -- what is known of the account is different now
  'stepped',          -- a step of the plan began
  'timer_due',        -- a timer of the incident came due
  'judged',           -- confirmed or not, by which article, on which signals
  'effect_planned',   -- a message shall leave
  'effect_moved',     -- what became of it
  'alerted',          -- somebody was called to attention
  'cancel_began',     -- the customer disarmed at once
  'cancel_broken',    -- it is an alarm after all
  'cancel_stood',     -- a user error, of which a message tells
  -- By operators, guards and agencies.
  'attempted',        -- a contact was called, or called
  'password_checked', -- the password was asked for
  'counter_shown',    -- the counter-password was shown
  'answered',         -- how the current step ended
  'evidence_noted',   -- what was seen, heard or said
  'guard_moved',      -- a guard is one step further
  'agency_moved',     -- a request to an agency is one step further
  'seconded',         -- a second person agrees
  'taken_over',       -- a supervisor took it from its holder
  'task_made',        -- something to do later
  'reviewed',         -- a supervisor looked at it afterwards
  'overridden',       -- a required step was passed over, for a reason
  -- Mass outages and tests.
  'attached',         -- it became a member of a mass outage
  'detached',         -- it stands for itself again
  'member_counted',   -- how many members there are, and how many are open
  'outage_confirmed', -- an operator says that it is one
  'on_test_marked'    -- it came while the premises were on test
);

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

create type operator_role as enum ('operator', 'supervisor', 'administrator');

-- The station ---------------------------------------------------------------------------------------------------

create table station (
  one boolean primary key default true check (one),
  schema_version int not null,
  demo boolean not null,           -- simulated panels and people; real providers are refused
  virtual_time boolean not null default false,
  time_shift interval not null default '0',
  restored_to timestamptz,         -- brought back from a backup that ends here: what came between is missing,
  restored_at timestamptz,         -- until here
  released_at timestamptz,         -- a person let timers and messages go on; before, nothing acts by itself
  check (virtual_time or time_shift = '0'),  -- only a rehearsal may shift its clock
  check ((restored_to is null) = (restored_at is null)),
  check (released_at is null or restored_at is not null)
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
  observe_window boolean not null default false,  -- frames outside the window are marked and ACKed, not NAKed
  enrolling boolean not null default false,       -- a key is being brought into use: what proves nothing is ACKed
  test_every_s int check (test_every_s > 0),     -- a test report comes this often; whole days count by local time
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
  id bigint generated always as identity primary key,  -- what incidents know him by: kept while name and phone stay
  account bigint not null references account on delete cascade,
  position smallint not null check (position > 0),  -- the customer's order; 1 is the principal
  name text not null,
  phone text not null,  -- E.164
  language language not null,
  role contact_role not null default 'contact',
  hours text,           -- JSON: when he may be called; null: at any time
  unique (account, position) deferrable initially deferred
);

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

-- How long a path of a category may be silent before we must know that it is lost (EN 50136-1 table 1).
create table path_category_time (
  category path_category primary key check (category <> 'custom'),
  reporting_s int not null check (reporting_s > 0),                -- the only path, or the primary one
  alternative_s int check (alternative_s > 0),                     -- the alternative while the primary is up
  alternative_alone_s int check (alternative_alone_s > 0),         -- the alternative while the primary is lost
  check ((alternative_s is null) = (alternative_alone_s is null))
);
insert into path_category_time values
  ('SP1', 2764800, null, null),
  ('SP2', 90000, null, null),
  ('SP3', 1800, null, null),
  ('SP4', 180, null, null),
  ('SP5', 90, null, null),
  ('SP6', 20, null, null),
  ('DP1', 90000, 180000, 90000),
  ('DP2', 1800, 90000, 1800),
  ('DP3', 180, 90000, 180),
  ('DP4', 90, 18000, 90);

-- One way by which a panel reports. A frame belongs to the path that names most of what the frame shows.
create table path (
  slot int generated always as identity primary key,  -- its place in the arrays of every receiver; never used again
  account bigint not null references account on delete cascade,
  number smallint not null check (number between 1 and 99),  -- the lowest of an account is the primary path
  category path_category not null,
  interval_s int check (interval_s > 0),         -- custom: the panel reports at least this often
  reporting_s int check (reporting_s >= interval_s),  -- custom: it is lost after so long; null: the station's tolerance
  -- What shows that a frame came this way; null: anything.
  network_path smallint check (network_path >= 0),  -- DC-09 extended data G
  prefix text check (prefix ~ '^(0|[1-9A-F][0-9A-F]{0,5})$'),
  receiver text check (receiver ~ '^(0|[1-9A-F][0-9A-F]{0,5})$'),
  transport transport check (transport <> 'inside'),
  check ((category = 'custom') = (interval_s is not null)),
  check (category = 'custom' or reporting_s is null),
  unique (account, number)
);

-- What receivers know of each path, written every few seconds; the latest of all hosts stands.
create table path_state (
  slot int primary key references path on delete cascade,
  watched_since timestamptz not null default clock_timestamp(),
  heard_at timestamptz,   -- the last sign of life
  sent_at timestamptz,    -- the newest time inside a frame that a key has proven
  source bigint,          -- digest of the address that it came from
  signal_at timestamptz,  -- the site's last signal that was no link test; with its primary path
  armed boolean,          -- by the site's last opening or closing; null: not known; with its primary path
  lost_at timestamptz,    -- null: not lost
  storm text              -- lost together with many others, of which this incident tells; null: told by itself
) with (fillfactor = 50);  -- new versions stay on their page
create index path_state_lost on path_state (slot) where lost_at is not null;

-- When receivers last looked at all paths: while none did, silence means nothing.
create table supervision (
  one boolean primary key default true check (one),
  swept_at timestamptz,
  listening_since timestamptz,  -- the end of the last time in which nobody listened
  anew_since timestamptz        -- the end of the last one that was longer than panels try
);
insert into supervision default values;

-- When the next test report of an account is due at the latest.
create table test_due (
  account bigint primary key references account on delete cascade,
  every_s int not null,     -- as in `account`, when `due_at` was computed
  time_zone text not null,
  tested_at timestamptz,
  due_at timestamptz not null,
  late_at timestamptz       -- reported as late; null: it is not
);
create index test_due_next on test_due (due_at) where late_at is null;

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

create function path_added() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into path_state (slot) select slot from changed;
  perform pg_advisory_xact_lock(hashtext('account_change'));
  insert into account_change (account) select distinct account from changed;
  return null;
end $$;

create function path_changed() returns trigger language plpgsql security definer set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtext('account_change'));
  insert into account_change (account) select distinct account from changed;
  return null;
end $$;

create function path_category_changed() returns trigger
  language plpgsql security definer set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtext('account_change'));
  insert into account_change (account)
    select distinct account from path where category in (select category from changed);
  return null;
end $$;

create trigger path_category_updated after update on path_category_time
  referencing new table as changed for each statement execute function path_category_changed();
create trigger path_inserted after insert on path
  referencing new table as changed for each statement execute function path_added();
create trigger path_updated after update on path
  referencing new table as changed for each statement execute function path_changed();
create trigger path_deleted after delete on path
  referencing old table as changed for each statement execute function path_changed();

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
  suppressed boolean not null default false,  -- repeated by a runaway panel: stored, kept from the queue
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

-- What is being handled -----------------------------------------------------------------------------------------

create table incident (
  id bigint generated always as identity primary key,
  account_id bigint references account,
  account text not null,              -- as sent; all there is when the account is unknown
  matter text not null,               -- emergencies of one account are one matter, and each condition is one
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
  plan text not null default '',      -- by which it is worked, and where that is
  step text not null default '',
  confirmed boolean not null default false,  -- by the law of the place
  duress boolean not null default false,
  to_review boolean not null default false,  -- done without ground, by override or by itself: a supervisor looks at it
  parent bigint references incident,  -- the mass outage that it is a member of
  next_due_at timestamptz,            -- when it is looked at again, whatever happens
  progress text not null default '',  -- JSON: all that the engine must know, the sum of its events like the rest
  check ((state = 'taken') = (operator is not null)),
  check ((state = 'taken') = (lease_until is not null)),
  check ((state = 'on_hold') = (hold_until is not null)),
  check ((state = 'closed') = (closed_at is not null)),
  check ((state = 'closed') = (disposition is not null))
);
-- One open incident for one matter: a second signal joins it, never opens another.
create unique index incident_open on incident (coalesce(account_id::text, 'unknown ' || account), matter)
  where state <> 'closed';
create index incident_queue on incident (priority, opened_at, id) where state = 'waiting';
create index incident_held on incident (lease_until) where state = 'taken';
create index incident_on_hold on incident (hold_until) where state = 'on_hold';
create index incident_account on incident (account, opened_at);
create index incident_of_account on incident (account_id, opened_at);
create index incident_due on incident (next_due_at) where state <> 'closed';
create index incident_review on incident (closed_at) where to_review;
create index incident_members on incident (parent) where parent is not null;

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

-- A station that rehearses may move its clock; no other.
create function station_shift(p_by interval) returns void
  language plpgsql security definer set search_path from current as $$
begin
  update station set time_shift = time_shift + p_by where virtual_time;
  if not found then
    raise exception 'only a database made with --virtual-time may shift its clock' using errcode = 'check_violation';
  end if;
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

-- After a restore the outside world has moved on: whoever acts by a timer, or sends anything out, asks this first, in the
-- transaction in which it acts.
create function effects_released() returns boolean language sql stable as
  $$ select restored_at is null or released_at is not null from station $$;

-- The one way to let them go on; false if there was nothing to release.
create function effects_release(p_actor text) returns boolean
  language plpgsql security definer set search_path from current as $$
begin
  update station set released_at = station_now() where restored_at is not null and released_at is null;
  if found then
    perform audit_append(p_actor, 'effects_released', '{}');
  end if;
  return found;
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

-- Whether anybody looks -------------------------------------------------------------------------------------------
-- A receiver must see that alarms wait, and show them when there is neither dispatcher nor console. It may not read
-- signals, incidents and sessions; it may call these. Both take real time, like leases and sessions.

-- Nobody works on it: in the queue, or about to return there, or its plan does not go on by itself as it should.
create function incident_waits(i incident) returns boolean language sql stable as $$
  select i.state = 'waiting' or (i.state = 'taken' and i.lease_until < clock_timestamp())
    or (i.state = 'on_hold' and i.hold_until <= station_now())
    or (i.state = 'automatic' and coalesce(i.next_due_at, '-infinity') < station_now() - interval '1 minute')
$$;

-- What the dispatcher has not worked off: alarms, and the last of those that are looked at, 5,000 of each lane, since
-- behind it may be more.
create function unread_alarms(p_kinds kind[])
  returns table (id bigint, received_at timestamptz, kind kind, account_id bigint, account text, old boolean,
                 authenticity authenticity, repeat_key bytea, alarm boolean)
  language sql stable as $$
  select s.id, s.received_at, s.kind, s.account_id, s.account, s.old, s.authenticity, s.repeat_key, s.alarm
  from lane l
  cross join lateral (
    select *, row_number() over (order by signal.id) as n,
      signal.kind = any(p_kinds) and signal.qualifier <> 'restore' and not signal.suppressed as alarm
    from signal
    where signal.id > (l.id::bigint << 32) + l.read_to and signal.id < (l.id + 1)::bigint << 32
      and signal.received_at >= l.read_at - interval '2 hours'
    order by signal.id limit 5000
  ) s
  where l.retired_at is null and (s.alarm or s.n = 5000)
$$;

-- How much waits, and for whom: unread alarms and the age of the oldest, waiting incidents, and operators who have done
-- something lately or hold an incident. What the receiver itself reports of this (`p_own`) is no reason to report it.
create function attention(p_kinds kind[], p_own text, p_lately interval)
  returns table (unread bigint, oldest_unread_s float8, waiting bigint, operators bigint)
  language sql stable security definer set search_path from current as $$
  select u.unread, extract(epoch from clock_timestamp() - u.oldest)::float8, i.waiting, o.operators
  from (
    select count(*) as unread, min(received_at) as oldest from unread_alarms(p_kinds)
    where not (kind = 'station' and account = p_own)
  ) u, (
    select count(*) as waiting from incident
    where state <> 'closed' and incident_waits(incident) and kind = any(p_kinds)
      and not (kind = 'station' and account = p_own)
  ) i, (
    select count(*) as operators from operator
    where active and (
      exists (select from session s where s.operator = operator.id and s.expires_at > clock_timestamp()
                and s.seen_at > clock_timestamp() - p_lately)
      or exists (select from incident h where h.state = 'taken' and h.operator = operator.id
                   and h.lease_until > clock_timestamp())
    )
  ) o
$$;

-- The emergency list: unread alarms, one line for an account and a kind, and waiting incidents; each with what a person
-- needs who works with a telephone alone. `p_ranks` are the priorities of `p_kinds`; `p_late` that of late reports.
create function waiting_alarms(p_kinds kind[], p_ranks int[], p_late int, p_limit int)
  returns table (rank int, kind kind, account text, incident bigint, since timestamptz, restored_at timestamptz,
                 signals bigint, authenticated boolean, said json, name text, premises text, address text, city text,
                 country text, notes text, contacts json)
  language sql stable security definer set search_path from current as $$
  with once as (
    select distinct on (coalesce(u.repeat_key, int8send(u.id))) u.*,
      case when u.old then greatest(r.rank, p_late) else r.rank end as rank
    from unread_alarms(p_kinds) u join unnest(p_kinds, p_ranks) as r (kind, rank) on r.kind = u.kind
    where u.alarm
    order by coalesce(u.repeat_key, int8send(u.id)), u.id
  ), alarm as (
    select min(o.rank) as rank, o.kind, o.account_id, o.account, null::bigint as incident, min(o.received_at) as since,
      null::timestamptz as restored_at, count(*) as signals,
      case when bool_or(o.authenticity = 'authenticated') then true
           when bool_or(o.authenticity = 'unproven') then null else false end as authenticated,
      (array_agg(o.id order by o.id desc))[1:8] as ids
    from once o group by o.kind, o.account_id, o.account
    union all
    (select i.priority, i.kind, i.account_id, i.account, i.id, i.opened_at, i.restored_at, i.signals, i.authenticated,
       array(select e.signal from incident_event e where e.incident = i.id and e.signal is not null
             order by e.n desc limit 8)
     from incident i where i.state <> 'closed' and incident_waits(i)
     order by i.priority, i.opened_at, i.id limit p_limit)
  )
  select w.rank, w.kind, w.account, w.incident, w.since, w.restored_at, w.signals, w.authenticated,
    (select json_agg(json_build_array(s.received_at, s.token, s.event_code, s.area, s.zone,
              (select z.name from zone z where z.account = w.account_id and z.number = s.zone), s.text) order by s.id)
     from signal s where s.id = any(w.ids) and s.received_at >= w.since - interval '7 days'),
    a.name, a.premises, a.address, a.city, a.country, a.notes,
    (select json_agg(json_build_array(c.name, c.phone, c.language) order by c.position)
     from contact c where c.account = w.account_id)
  from alarm w left join account a on a.id = w.account_id
  order by w.rank, w.since, w.incident limit p_limit
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

-- Who may what ----------------------------------------------------------------------------------------------------
-- Nobody but the owner may UPDATE or DELETE a signal, an incident event or an audit row; incidents change only
-- through `incidents_append` and `incident_renew`.

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
