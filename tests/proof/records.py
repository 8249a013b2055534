"""What the station holds of one round: read from its database, and once more through the `sereno` command.

In: when the round began. Out: rows for the verdict, and whether the command's lists say the same.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, Final

import attrs
import trio

from station.errors import StoreUnavailable
from station.store.database import Database, open_database
from tests.proof.station import PATIENCE_S, ProofFailed, Station
from tests.proof.verdict import Acted, Stored, Verdict

_OWNER: Final = "sereno_owner"

#: What is not yet worked off by the dispatcher.
_UNREAD: Final = """
select count(*) as signals from signal s join lane l on l.id = s.id >> 32
where s.received_at >= $1 and (s.id & 4294967295) > l.read_to
"""
#: A frame whose time had gone stale is told the time (NAK), stored, and written anew by the panel: another report.
_STORED: Final = """
select s.id, s.account, s.sequence, s.event_code, s.zone, s.suppressed, r.repeat_of
from signal s left join signal_repeat r on r.signal = s.id
where s.received_at >= $1 and s.protocol = 'dc09' and s.kind <> 'link_test' and s.reply <> 'nak'
order by s.received_at, s.id
"""
_ACTED: Final = """
select e.incident, e.signal from incident_event e join signal s on s.id = e.signal
where s.received_at >= $1 and s.protocol = 'dc09' and s.reply <> 'nak' order by e.incident, e.n
"""


@attrs.frozen
class Records:
    """One round."""

    stored: Sequence[Stored]
    acted: Sequence[Acted]


async def settled_records(station: Station, since: dt.datetime) -> Records:
    """What is stored and done, once the dispatcher has nothing left to do.

    Raises:
        ProofFailed: it does not get that far.
    """
    why = ""
    with trio.move_on_after(PATIENCE_S):
        while True:
            try:
                async with open_database(station.database_url, _OWNER) as owner:
                    (unread,) = await owner.fetch(_UNREAD, since)
                    if not unread["signals"]:
                        return await _records(owner, since)
                    why = f"{unread['signals']} signals are not worked off"
            except (StoreUnavailable, OSError) as error:
                why = str(error)
            await trio.sleep(0.1)
    raise ProofFailed(f"the station did not recover within {PATIENCE_S:.0f} s: {why}")


async def _records(owner: Database, since: dt.datetime) -> Records:
    rows = [[*row.values()] for row in await owner.fetch(_STORED, since)]
    acts = [[*act.values()] for act in await owner.fetch(_ACTED, since)]
    return Records([Stored(*row) for row in rows], [Acted(*act) for act in acts])


async def compare_lists(station: Station, since: dt.datetime, records: Records, verdict: Verdict) -> None:
    """What `sereno signals` and `sereno incidents` show must be the same, with copies left out of the lists.

    Raises:
        ProofFailed: a command failed.
    """
    every, shown = await _signals_listed(station, since)
    listed = {row["id"]: row["repeat_of"] for row in every if row["protocol"] == "dc09" and row["reply"] != "nak"}
    for row in records.stored:
        if listed.get(row.id, -1) != row.repeat_of:
            verdict.fault("lost", f"sereno signals --json tells {row.id} otherwise than the table")
    originals = sum(row["repeat_of"] is None for row in every)
    if shown != originals:
        verdict.fault("doubled", f"sereno signals shows {shown} lines for {originals} signals")
    ours = {row.id for row in records.stored}
    told = [
        signal
        for incident in json.loads(await station.sereno("incidents", "--json"))
        for signal in incident["signals"]
        if signal in ours
    ]
    if len(told) != len(set(told)) or set(told) != {act.signal for act in records.acted}:
        verdict.fault("doubled", "sereno incidents --json names other signals than the incidents' events, or one twice")


async def _signals_listed(station: Station, since: dt.datetime) -> tuple[list[dict[str, Any]], int]:
    """All signals, and the number of lines in the table. The station itself may report something between the two."""
    begin = ["signals", "--since", since.isoformat()]
    every: list[dict[str, Any]] = json.loads(await station.sereno(*begin, "--json"))
    while True:
        shown = len((await station.sereno(*begin, "--limit", "10000000")).splitlines()) - 1
        before, every = every, json.loads(await station.sereno(*begin, "--json"))
        if len(before) == len(every):
            return every, shown
