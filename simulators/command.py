"""`sereno simulate`: panels against any receiver, the fleet of the demo, and the demo accounts."""

from __future__ import annotations

import contextlib
import functools
import os
import pathlib
import random
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import attrs
import structlog
import trio
from cyclopts import App, Parameter, validators

from simulators.demo_accounts import write_csv
from simulators.frames import Identity
from simulators.links import Door
from simulators.load import Load, drive
from simulators.panel_fleet import PanelFleet, Rates
from simulators.panel_settings import PanelSettings, Transport, panel_key, read_csv
from simulators.panels import Patience
from simulators.receiver_command import receiver
from simulators.reports import Format
from simulators.tally import Tally

app = App(
    name="simulate",
    help="Play the outside world: panels that report to a receiver, this one or any other.",
    config=(),  # of a simulation nothing is set but by its flags
)

app.command(receiver, help_format="plaintext")

Event = Literal[
    "mixed", "link-test", "burglary", "fire", "panic", "medical", "tamper", "power", "bypass", "test", "unknown",
    "opening", "closing",
]  # fmt: skip
To = Annotated[str, Parameter(name="--to", help="The receiver's HOST:PORT, for example 127.0.0.1:7700.")]
AccountFile = Annotated[pathlib.Path, Parameter(validator=validators.Path(exists=True, dir_okay=False))]
Positive = Annotated[float, Parameter(validator=validators.Number(gt=0))]
Count = Annotated[int, Parameter(validator=validators.Number(gte=1))]
AccountCount = Annotated[int, Parameter(validator=validators.Number(gte=1, lte=200_000))]


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Talk:
    """How the panels talk."""

    transport: Literal["tcp", "tcp-each", "udp", "mixed"] | None = None
    """tcp keeps one connection open, tcp-each opens one for each message. [default: tcp, or each account's own]"""

    format: Literal["sia-dcs", "adm-cid", "mixed"] | None = None
    """How events are written. [default: sia-dcs, or each account's own]"""

    key: str | None = None
    """Encrypt with this AES key of 16, 24 or 32 bytes, given as hexadecimal digits."""

    prefix: str | None = None
    """The account prefix (L), hexadecimal. [default: 0, or each account's own]"""

    receiver: str | None = None
    """The receiver number (R), hexadecimal. [default: none is sent, or each account's own]"""

    answer_s: Positive = 20.0
    """Seconds that a panel waits for its answer before it repeats."""

    repeats: Annotated[int, Parameter(validator=validators.Number(gte=0))] = 3
    """How often a message is repeated before the panel gives it up."""


@app.command(help_format="plaintext")
def panels(
    *,
    to: To,
    count: Count | None = None,
    accounts: AccountFile | None = None,
    account: str | None = None,
    event: Event = "mixed",
    rate: Positive | None = None,
    seconds: Positive = 10.0,
    once: bool = False,
    talk: Talk | None = None,
    seed: int | None = None,
) -> int:
    """Drive panels against a receiver and count its answers.

    Each panel has one message in flight: it sends, waits for its answer, repeats
    if none comes, and goes on. The table at the end tells messages sent,
    acknowledged, refused (DUH), clocks corrected (NAK), and left unanswered.
    Exit code 0: every message was acknowledged; 1: not every one; 2: the command
    was wrong.

    Fifty panels for ten seconds, as fast as the receiver answers:

      sereno simulate panels --to 127.0.0.1:7700 --count 50

    One burglary, from one account:

      sereno simulate panels --to 127.0.0.1:7700 --account 00A1B2 --event burglary --once

    The accounts of a file, each in its own manner, 200 messages a second for a minute:

      sereno simulate panels --to 127.0.0.1:7700 --accounts demo.csv --rate 200 --seconds 60

    Encrypted link tests over UDP:

      sereno simulate panels --to 10.0.0.5:7700 --event link-test --transport udp \\
        --account 1234 --key 000102030405060708090A0B0C0D0E0F

    Args:
        count: How many panels. Without --accounts they are numbered upwards from --account.
            [default: 10, or the whole file]
        accounts: A CSV of accounts as `sereno accounts import` reads it; each panel takes its number, key, prefix,
            receiver, zones and language from it.
        account: One account: of the file, or made up. With --count and no file, the first of so many. [default: 1000]
        event: What the panels report; mixed is everyday traffic, mostly link tests.
        rate: Messages a second of all panels together. [default: as fast as answers come]
        seconds: How long to send.
        once: Each panel sends one message, and that is all.
        seed: The same seed makes the same choices. [default: another each time]
    """
    talk = talk or Talk()
    with _plain_errors():
        door = Door.parse(to)
        chosen = [_as_told(settings, talk) for settings in _chosen(accounts, account, count)]
    _allow_many_sockets()
    load = Load(event=event, rate=rate, seconds=None if once else seconds)
    patience = Patience(answer_s=talk.answer_s, repeats=talk.repeats)
    show = _show if sys.stderr.isatty() else None
    try:
        tally, took_s = trio.run(functools.partial(drive, chosen, door, load, patience=patience, seed=seed, show=show))
    except KeyboardInterrupt:
        return 130
    if show is not None:
        print(file=sys.stderr)
    print(_table(tally, took_s))
    return 0 if tally.acknowledged == tally.sent else 1


@app.command(name="demo-fleet", help_format="plaintext")
def demo_fleet(*, to: To, accounts: AccountFile, pace: Positive = 1.0, seed: int | None = None) -> None:
    """Live the life of the demo: calm link tests, comings and goings, now and then an alarm.

    Runs until its standard input closes, or SIGTERM or SIGINT comes; a receiver
    that is away is tried again for ever. Says nothing on standard output; logs
    go to standard error. For example, beside a running station:

      sereno simulate accounts demo.csv
      sereno accounts import demo.csv
      sereno simulate demo-fleet --to 127.0.0.1:7700 --accounts demo.csv

    Args:
        accounts: A CSV of accounts, as `sereno accounts import` reads it.
        pace: How many times livelier than usual: 2 halves the time between two alarms.
        seed: The same seed makes the same choices. [default: another each time]
    """
    with _plain_errors():
        door = Door.parse(to)
        fleet = PanelFleet(read_csv(accounts), door, rates=Rates().at_pace(pace), seed=seed)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _allow_many_sockets()
    trio.run(_until_told, fleet)


@app.command(help_format="plaintext")
def accounts(file: pathlib.Path, *, count: AccountCount = 1000, seed: int = 1) -> None:
    """Write invented accounts to a CSV that `sereno accounts import` reads.

    Homes, shops, banks and pharmacies in Lisbon, Porto, Madrid, Seville, Mexico
    City and Bogotá. For example:

      sereno simulate accounts demo.csv --count 200

    Args:
        file: The CSV to write; one that exists is overwritten.
        count: How many.
        seed: The same seed writes the same accounts.
    """
    with _plain_errors():
        write_csv(file, count=count, seed=seed)
    print(f"{count} accounts written to {file}")


def _chosen(file: pathlib.Path | None, account: str | None, count: int | None) -> Sequence[PanelSettings]:
    if file is None:
        first = Identity(account=account or "1000").account
        numbers = [f"{int(first, 16) + n:0{len(first)}X}" for n in range(count or (1 if account else 10))]
        return [PanelSettings(identity=Identity(account=number)) for number in numbers]
    known = read_csv(file)
    if account is not None:
        known = [settings for settings in known if settings.identity.account == account]
    if not known:
        raise ValueError(f"{file} has no account" + (f" {account}" if account else ""))
    return known[:count]


def _as_told(settings: PanelSettings, talk: Talk) -> PanelSettings:
    """The settings, with what the command line says in their place."""
    was = settings.identity
    draw = random.Random(was.account)
    identity = Identity(
        account=was.account,
        prefix=talk.prefix or was.prefix,
        receiver=talk.receiver or was.receiver,
        key=panel_key(talk.key, "hex") if talk.key else was.key,
    )
    transport, form = settings.transport, settings.form
    if talk.transport is not None:
        transport = draw.choice([*Transport]) if talk.transport == "mixed" else Transport(talk.transport)
    if talk.format is not None:
        form = draw.choice([*Format]) if talk.format == "mixed" else Format(talk.format.upper())
    return attrs.evolve(settings, identity=identity, transport=transport, form=form)


async def _until_told(fleet: PanelFleet) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as told:
        async with trio.open_nursery() as nursery:

            async def heed_signals() -> None:
                await anext(aiter(told))
                nursery.cancel_scope.cancel()

            async def heed_stdin() -> None:
                # A thread, since standard input may be a file or /dev/null, which epoll refuses; and `os.read`,
                # since a buffered reader left in it would stop the interpreter from ending.
                while await trio.to_thread.run_sync(os.read, 0, 4096, abandon_on_cancel=True):
                    pass
                nursery.cancel_scope.cancel()

            nursery.start_soon(heed_signals)
            nursery.start_soon(heed_stdin)
            nursery.start_soon(fleet.run)


def _show(tally: Tally, seconds: float) -> None:
    p99_s = tally.percentile_s(99)
    late = "" if p99_s is None else f", p99 {1000 * p99_s:.1f} ms"
    line = f"{seconds:5.0f} s  {tally.sent} sent, {tally.acknowledged} acknowledged{late}"
    print(f"\r{line:<76}", end="", file=sys.stderr, flush=True)


def _table(tally: Tally, took_s: float) -> str:
    rows = [
        ("sent", f"{tally.sent}"),
        ("acknowledged", f"{tally.acknowledged}"),
        ("DUH", f"{tally.duh}"),
        ("NAK", f"{tally.nak}"),
        ("repeated", f"{tally.repeated}"),
        ("unanswered", f"{tally.unanswered}"),
        ("answer p50", _milliseconds(tally.percentile_s(50))),
        ("answer p99", _milliseconds(tally.percentile_s(99))),
        ("time", f"{took_s:.1f} s"),
        ("rate", f"{tally.acknowledged / took_s:.0f}/s"),
    ]
    return "\n".join(f"{name:<14}{value:>12}" for name, value in rows)


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{1000 * seconds:.1f} ms"


def _allow_many_sockets() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """What is wrong with the command, in one line."""
    try:
        yield
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
