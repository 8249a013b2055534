"""`sereno emergency`: the alarms that wait, on a terminal, with all that a telephone needs.

In: the station's database; where that is silent, the receiver's own list by HTTP. Out: text or JSON. It needs neither
dispatcher nor console.
"""

from __future__ import annotations

import datetime as dt
import enum
import http.client
import json
import os
import sys
from typing import Annotated, Final

import attrs
import trio
from cyclopts import App, Parameter

from receiver.watch.listing import listing
from sereno.asking import ask, asked
from sereno.problems import first_of, give_up
from sereno.settings import EmergencyDoor, Where
from sereno.sockets import reachable
from sereno.whereabouts import database_url
from station.errors import SchemaMismatch, StoreUnavailable
from station.store.database import Database
from station.store.waiting import waiting_alarms

_NO_DATABASE: Final = 3
_REFRESH_S: Final = 3.0
_HTTP_TIMEOUT_S: Final = 10.0
#: Erase the screen and go to its beginning.
_CLEAR: Final = "\x1b[2J\x1b[H"

app = App(
    name="emergency",
    help_format="plaintext",
    help_epilogue="""For example:

  sereno emergency
  sereno emergency --watch
  sereno emergency --json | jq '.[] | select(.rank == 1)'
""",
)


@app.default
def emergency_command(
    *,
    watch: Annotated[bool, Parameter(negative=())] = False,
    as_json: Annotated[bool, Parameter(name="--json", negative=())] = False,
    where: Where = Where(),
    door: EmergencyDoor = EmergencyDoor(),
) -> None:
    """Alarms that wait, the most urgent first: whom, where, and whom to call. Works without dispatcher and console.

    Args:
        watch: Show it anew every three seconds, until Ctrl-C.
        as_json: One JSON array.
    """
    url = database_url(where)
    if as_json:
        alarms = ask(url, waiting_alarms)
        print(json.dumps([attrs.asdict(alarm) for alarm in alarms], default=_plain, ensure_ascii=False, indent=1))
        return
    exit_code, problem = 0, ""
    try:
        exit_code = trio.run(_show, url, door, watch)
    except* KeyboardInterrupt:
        pass
    except* SchemaMismatch as errors:
        problem = f"This station can't be read: {first_of(errors)}."
    except* BrokenPipeError:
        # Whoever reads it, such as `head`, has seen enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if problem:
        give_up(problem)
    raise SystemExit(exit_code)


async def _show(url: str, door: EmergencyDoor, watch: bool) -> int:
    while True:
        text, exit_code = await _text(url, door)
        print((_CLEAR if watch and sys.stdout.isatty() else "") + text, end="", flush=True)
        if not watch:
            return exit_code
        await trio.sleep(_REFRESH_S)


async def _text(url: str, door: EmergencyDoor) -> tuple[str, int]:
    """The list and the exit code."""
    try:
        return await asked(url, _list), 0
    except StoreUnavailable:
        from_receiver = await trio.to_thread.run_sync(_from_receiver, door, abandon_on_cancel=True)
    if from_receiver is not None:
        return f"The database does not answer. This is what the receiver knows:\n\n{from_receiver}", _NO_DATABASE
    return (
        "The database does not answer, nor does a receiver on this machine. "
        "Start the station, or ask each receiver's own list.\n"
    ), _NO_DATABASE


async def _list(database: Database) -> str:
    return listing(await waiting_alarms(database), dt.datetime.now(dt.UTC))


def _from_receiver(door: EmergencyDoor) -> str | None:
    """The list that a receiver on this machine serves."""
    host, _, port = reachable(door.emergency_address, door.emergency_port).rpartition(":")
    receiver = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_HTTP_TIMEOUT_S)
    try:
        receiver.request("GET", "/text")
        answer = receiver.getresponse()
        text = answer.read().decode()
    except (OSError, http.client.HTTPException, UnicodeDecodeError):
        return None
    finally:
        receiver.close()
    return text if answer.status == http.client.OK else None


def _plain(value: object) -> str:
    match value:
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
        case enum.Enum():
            return str(value.value)
        case _:
            raise TypeError(f"{type(value).__name__} has no form in JSON")
