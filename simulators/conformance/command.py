"""`sereno conformance`: how a DC-09 receiver, this one or any other, answers what panels send."""

from __future__ import annotations

import functools
import shutil
import sys
from typing import Annotated, Final

import trio
from cyclopts import App, Parameter, validators

from simulators.conformance.battery import accounts as accounts_of
from simulators.conformance.battery import battery
from simulators.conformance.cases import Keyed, UnderTest
from simulators.conformance.judging import Verdict
from simulators.conformance.play import Patience, play_all
from simulators.conformance.report import as_json, table
from simulators.frames import Identity
from simulators.links import Door, LinkLost
from simulators.panel_settings import panel_key

#: Where the output is no terminal, lines may be long.
_COLUMNS: Final = 220

Positive = Annotated[float, Parameter(validator=validators.Number(gt=0))]

_ABOUT: Final = """\
The frames are those that panels send, well-formed and not; each case has a
connection of its own. Some answers are asked for by DC-09, some by panels
that are in use, some are our own choice; where another receiver may choose
otherwise, its answer "differs (allowed)".

A receiver that does its work takes the frames for alarms: use a station that
nobody depends on. Encrypted cases need accounts that the receiver knows:

  sereno conformance 127.0.0.1:7700 \\
    --key CF16=000102030405060708090A0B0C0D0E0F

Exit code 0: nothing is wrong; 1: something is; 2: the command was wrong, or
nobody listens there.
"""

app = App(
    name="conformance",
    help_prologue=_ABOUT,
    help_format="plaintext",
    config=(),  # nothing of it is set but by its flags
)


@app.default
def conformance(
    receiver: str | None = None,
    /,
    *,
    udp: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
    account: str = "1234",
    key: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    only: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    wait_s: Positive = 5.0,
    list_accounts: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Send a battery of frames as panels send them, and compare each answer with what should come.

    Args:
        receiver: Its HOST:PORT, for example 127.0.0.1:7700.
        udp: Send datagrams; cases about a stream of bytes are left out.
        json: Print all that was sent and came, for another program.
        account: A clear account that the receiver knows.
        key: ACCOUNT=KEY of an encrypted account, the key of 16, 24 or 32 bytes in hexadecimal digits. May be given
            once for each length of key.
        only: Play only cases whose name or subject holds this word. May be given more than once.
        wait_s: Seconds to wait for an answer.
        list_accounts: Print the clear accounts that the battery speaks for, one a line, and send nothing. A receiver
            that refuses unknown accounts must know them.
    """
    try:
        under_test = UnderTest(Identity(account=account).account, dict(_keyed(text) for text in key))
        if list_accounts:
            print("\n".join(accounts_of(under_test)))
            return 0
        door = Door.parse(receiver or "")
        cases = battery(under_test, only)
        if not cases:
            raise ValueError(f"no case's name or subject holds {' or '.join(only)}")
        patience = Patience(answer_s=wait_s)
        results = trio.run(functools.partial(play_all, cases, door, udp=udp, patience=patience))
    except (LinkLost, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(as_json(results) if json else table(results, shutil.get_terminal_size((_COLUMNS, 0)).columns))
    return 1 if any(result.verdict is Verdict.WRONG for result in results) else 0


def _keyed(text: str) -> tuple[int, Keyed]:
    account, _, digits = text.partition("=")
    key = panel_key(digits, "hex")
    if key is None:
        raise ValueError("--key wants ACCOUNT=KEY, the key in hexadecimal digits")
    return len(key), Keyed(Identity(account=account).account, key)
