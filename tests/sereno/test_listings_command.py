"""`sereno signals` and `sereno incidents`, as a user calls them."""

from __future__ import annotations

import json
import pathlib
import subprocess

import pytest
import trio

from station.store.database import Database
from tests.sereno.conftest import sereno

ROWS = r"""
insert into account (number, name) values ('1234', 'Casa Ñandú');
insert into operator (name, role, password_hash) values ('ana', 'operator', '');
insert into signal (id, received_at, protocol, transport, peer, account_id, account, receiver, prefix, sequence, token,
                    kind, qualifier, event_code, area, zone, user_number, text, extended, occurred_at, old, payload,
                    raw, authenticity, reply, repeat_key)
values
 (4294967297, '2026-03-01 08:00:00.25Z', 'dc09', 'tcp', '10.0.0.7:4000', 1, '1234', '1', '0', '0042', 'SIA-DCS',
  'burglary', 'new', 'BA', '1', '007', '12', 'Puerta ' || chr(27) || '[2J', '[["V", "https://x/1"], ["X", "9.1W"]]',
  '2026-03-01 07:59:58Z', true, '#1234|Nri1/BA007', '\x0a43414645', 'authenticated', 'ack', '\x01'),
 (4294967298, '2026-03-01 09:00:01+01', 'dc09', 'udp', '10.0.0.7:4001', 1, '1234', null, null, '0042', 'SIA-DCS',
  'burglary', 'new', 'BA', '1', '007', null, '', null, null, false, '', '\xff', 'clear_text', 'duh', '\x01'),
 (4294967299, '2026-03-01 08:00:02Z', 'dc09', 'udp', '10.0.0.8:4001', null, '99ab', null, null, '', 'NULL',
  'link_test', 'status', null, null, null, null, '', null, null, false, '', '', 'unproven', 'ack', null);
insert into signal_repeat values (4294967298, 4294967297);
insert into incident (account_id, account, matter, kind, priority, authenticated, state, opened_at, operator, fence,
  lease_until, last_n, last_signal_n, last_hash, signals, points)
values (1, '1234', 'emergency', 'burglary', 2, true, 'taken', '2026-03-01 08:00:00.3Z', 1, 1, now(), 3, 2, '', 2,
        '{007}');
insert into incident (account, matter, kind, priority, authenticated, state, opened_at, restored_at, hold_until,
                      last_n, last_signal_n, last_hash, signals, points)
values ('99ab', 'unknown_account', 'unknown_account', 4, null, 'on_hold', '2026-03-01 08:00:02.5Z',
        '2026-03-01 08:01:00Z', '2026-03-01 09:00:00Z', 1, 1, '', 1, '{}');
insert into incident (account_id, account, matter, kind, priority, authenticated, state, opened_at, closed_at,
                      disposition, last_n, last_signal_n, last_hash, signals, points)
values (1, '1234', 'emergency', 'fire', 1, false, 'closed', '2026-03-01 06:00:00Z', '2026-03-01 06:30:00Z',
        'user_error', 1, 1, '', 1, '{}');
insert into incident_event values
 (1, 1, now(), 'dispatcher', 'opened', 4294967299, '', '', ''),
 (1, 2, now(), 'dispatcher', 'joined', 4294967297, '', '', ''),
 (1, 3, now(), 'operator:1', 'taken', null, '', '', '');
"""

SIGNALS = [
    {
        "id": 4294967297,
        "received_at": "2026-03-01T08:00:00.250000+00:00",
        "account": "1234",
        "account_name": "Casa Ñandú",
        "protocol": "dc09",
        "transport": "tcp",
        "peer": "10.0.0.7:4000",
        "receiver": "1",
        "prefix": "0",
        "sequence": "0042",
        "token": "SIA-DCS",
        "kind": "burglary",
        "qualifier": "new",
        "event_code": "BA",
        "area": "1",
        "zone": "007",
        "user": "12",
        "text": "Puerta \x1b[2J",
        "extended": [{"letter": "V", "content": "https://x/1"}, {"letter": "X", "content": "9.1W"}],
        "occurred_at": "2026-03-01T07:59:58.000000+00:00",
        "old": True,
        "payload": "#1234|Nri1/BA007",
        "raw": "0a43414645",
        "authenticity": "authenticated",
        "authenticated": True,
        "reply": "ack",
        "repeat_of": None,
    },
    {
        "id": 4294967298,
        "received_at": "2026-03-01T08:00:01.000000+00:00",
        "account": "1234",
        "account_name": "Casa Ñandú",
        "protocol": "dc09",
        "transport": "udp",
        "peer": "10.0.0.7:4001",
        "receiver": None,
        "prefix": None,
        "sequence": "0042",
        "token": "SIA-DCS",
        "kind": "burglary",
        "qualifier": "new",
        "event_code": "BA",
        "area": "1",
        "zone": "007",
        "user": None,
        "text": "",
        "extended": [],
        "occurred_at": None,
        "old": False,
        "payload": "",
        "raw": "ff",
        "authenticity": "clear_text",
        "authenticated": False,
        "reply": "duh",
        "repeat_of": 4294967297,
    },
    {
        "id": 4294967299,
        "received_at": "2026-03-01T08:00:02.000000+00:00",
        "account": "99ab",
        "account_name": None,
        "protocol": "dc09",
        "transport": "udp",
        "peer": "10.0.0.8:4001",
        "receiver": None,
        "prefix": None,
        "sequence": "",
        "token": "NULL",
        "kind": "link_test",
        "qualifier": "status",
        "event_code": None,
        "area": None,
        "zone": None,
        "user": None,
        "text": "",
        "extended": [],
        "occurred_at": None,
        "old": False,
        "payload": "",
        "raw": "",
        "authenticity": "unproven",
        "authenticated": None,
        "reply": "ack",
        "repeat_of": None,
    },
]

INCIDENTS = [
    {
        "id": 1,
        "account": "1234",
        "account_name": "Casa Ñandú",
        "priority": 2,
        "kind": "burglary",
        "state": "taken",
        "authenticated": True,
        "opened_at": "2026-03-01T08:00:00.300000+00:00",
        "restored_at": None,
        "hold_until": None,
        "closed_at": None,
        "disposition": None,
        "operator": "ana",
        "signals": [4294967299, 4294967297],
    },
    {
        "id": 2,
        "account": "99ab",
        "account_name": None,
        "priority": 4,
        "kind": "unknown_account",
        "state": "on_hold",
        "authenticated": None,
        "opened_at": "2026-03-01T08:00:02.500000+00:00",
        "restored_at": "2026-03-01T08:01:00.000000+00:00",
        "hold_until": "2026-03-01T09:00:00.000000+00:00",
        "closed_at": None,
        "disposition": None,
        "operator": None,
        "signals": [],
    },
    {
        "id": 3,
        "account": "1234",
        "account_name": "Casa Ñandú",
        "priority": 1,
        "kind": "fire",
        "state": "closed",
        "authenticated": False,
        "opened_at": "2026-03-01T06:00:00.000000+00:00",
        "restored_at": None,
        "hold_until": None,
        "closed_at": "2026-03-01T06:30:00.000000+00:00",
        "disposition": "user_error",
        "operator": None,
        "signals": [],
    },
]


async def run(folder: pathlib.Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `sereno ...` on a station."""
    return await trio.to_thread.run_sync(lambda: sereno(*words, "--database-url", url, folder=folder))


@pytest.mark.parametrize("word", ["yesterday", "-1h", ""])
def test_a_time_that_is_none_is_refused_with_an_example(tmp_path: pathlib.Path, word: str) -> None:
    done = sereno("signals", f"--since={word}", folder=tmp_path)
    assert done.returncode == 2
    assert "15m, 2h or 1d" in done.stderr or "since" in done.stderr
    assert "Traceback" not in done.stderr


async def test_an_empty_station_gives_an_empty_array(tmp_path: pathlib.Path, database_url: str) -> None:
    assert (await run(tmp_path, database_url, "signals", "--json")).stdout == "[]\n"
    assert (await run(tmp_path, database_url, "incidents", "--json")).stdout == "[]\n"


async def test_json_holds_everything(tmp_path: pathlib.Path, database_url: str, owner: Database) -> None:
    await owner.execute(ROWS)
    done = await run(tmp_path, database_url, "signals", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == SIGNALS
    done = await run(tmp_path, database_url, "incidents", "--json")
    assert json.loads(done.stdout) == INCIDENTS


async def test_json_can_be_narrowed_down(tmp_path: pathlib.Path, database_url: str, owner: Database) -> None:
    await owner.execute(ROWS)

    async def ids(*words: str) -> list[int]:
        return [row["id"] % 1000 for row in json.loads((await run(tmp_path, database_url, *words, "--json")).stdout)]

    assert await ids("signals", "--account", "99AB") == [299]
    assert await ids("signals", "--since", "2026-03-01T08:00:01") == [298, 299]
    assert await ids("signals", "--since", "2026-03-01T09:00:02+01:00") == [299]
    assert await ids("signals", "--since", "1h") == []
    assert await ids("signals", "--limit", "2") == [298, 299]
    assert await ids("incidents", "--open") == [1, 2]


async def test_tables_are_for_people(tmp_path: pathlib.Path, database_url: str, owner: Database) -> None:
    await owner.execute(ROWS)
    lines = (await run(tmp_path, database_url, "signals")).stdout.splitlines()
    assert lines == [
        "RECEIVED (UTC)       ACCOUNT   KIND          QUALIFIER  CODE  AREA  ZONE  SENDER          TEXT",
        "2026-03-01 08:00:00  1234      burglary      new        BA    1     007   authenticated   Puerta ?[2J",
        "2026-03-01 08:00:02  99ab      link_test     status                       unproven",
    ]
    assert len((await run(tmp_path, database_url, "signals", "--repeats")).stdout.splitlines()) == 4
    lines = (await run(tmp_path, database_url, "incidents", "--open")).stdout.splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["1", "2026-03-01", "08:00:00", "2", "1234", "Casa", "Ñandú", "burglary", "taken", "ana", "2"],
        ["2", "2026-03-01", "08:00:02", "4", "99ab", "unknown_account", "on_hold", "0"],
    ]
