-- From version 1: paths and their supervision, runaway panels, test reports, what a restore leaves behind, and what a
-- receiver may ask about those who look. Each statement stands in schema.sql, where it is explained.

alter table station
  add column restored_to timestamptz,
  add column restored_at timestamptz,
  add column released_at timestamptz,
  add check ((restored_to is null) = (restored_at is null)),
  add check (released_at is null or restored_at is not null);

alter table account
  add column observe_window boolean not null default false,
  add column enrolling boolean not null default false,
  add column test_every_s int check (test_every_s > 0);

alter table signal add column suppressed boolean not null default false;

create type path_category as enum (
  'SP1', 'SP2', 'SP3', 'SP4', 'SP5', 'SP6',  -- EN 50136-1, one path
  'DP1', 'DP2', 'DP3', 'DP4',                -- EN 50136-1, a primary path and an alternative one
  'custom'                                   -- an interval of its own
);

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

-- What an account was to report became the interval of its one path.
insert into path (account, number, category, interval_s)
  select id, 1, 'custom', supervision_s from account where supervision_s is not null;
alter table account drop column supervision_s;

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

-- Whether anybody looks -------------------------------------------------------------------------------------------
-- A receiver must see that alarms wait, and show them when there is neither dispatcher nor console. It may not read
-- signals, incidents and sessions; it may call these. Both take real time, like leases and sessions.

-- Nobody works on it: in the queue, or about to return there.
create function incident_waits(i incident) returns boolean language sql stable as $$
  select i.state = 'waiting' or (i.state = 'taken' and i.lease_until < clock_timestamp())
    or (i.state = 'on_hold' and i.hold_until <= station_now())
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
grant insert, update, delete on area, zone, contact, path to sereno_command;
grant update on path_category_time to sereno_command;
grant insert, update on operator to sereno_command;
grant delete on session to sereno_command;  -- whose password is replaced must sign on anew
grant execute on function audit_append, effects_release to sereno_command;
