"""What makes a station a demonstration: its accounts, its operators, and what it refuses.

In: a fresh demo database. Out: 1,000 accounts and three operators in it. Real providers are refused, since simulated
alarms must never reach a real telephone.
"""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import Mapping
from typing import Final

import attrs

from sereno.accounts_command import import_accounts
from sereno.demo_agreements import agree
from sereno.operators_command import NotAdded, add_operator
from sereno.problems import CannotRun
from simulators.demo_accounts import write_csv
from station.station_key import StationKey


@attrs.frozen
class DemoOperator:
    """Somebody who can sign on at a demonstration."""

    name: str
    role: str
    language: str


OPERATORS: Final = (
    DemoOperator("ana", "operator", "pt"),
    DemoOperator("luis", "supervisor", "es"),
    DemoOperator("sam", "administrator", "en"),
)
#: Printed at every start: it guards invented people only.
PASSWORD: Final = "sereno-demo"  # noqa: S105 (shown to everybody who runs a demonstration)


def refuse_real_providers(environment: Mapping[str, str]) -> None:
    """Keep a demonstration from real telephones.

    Raises:
        CannotRun: a provider is set.
    """
    real = sorted(name for name in environment if name.startswith("SERENO_TWILIO_"))
    if real:
        raise CannotRun(
            f"A demonstration must not reach real telephones, and {', '.join(real)} "
            f"{'is' if len(real) == 1 else 'are'} set. Unset, or run without --demo."
        )


def check_kind(*, asked: bool, found: bool, data: pathlib.Path) -> None:
    """Keep real and simulated alarms apart. `asked` is `--demo`; `found` is what the database is.

    Raises:
        CannotRun: they differ.
    """
    if asked and not found:
        raise CannotRun(
            "This database serves a real station, and --demo would fill it with simulated alarms. "
            f"Run without --demo, or choose another folder than {data} (--data DIR) or another --database-url."
        )
    if found and not asked:
        raise CannotRun(
            "This database is a demonstration, full of simulated alarms. "
            f"Run with --demo, or choose another folder than {data} (--data DIR) or another --database-url."
        )


def accounts_file(data: pathlib.Path) -> pathlib.Path:
    """The demo accounts as the simulated panels know them; there once the database has them too."""
    return data / "demo_accounts.csv"


async def fill(url: str, key: StationKey, data: pathlib.Path) -> None:
    """Put the demo accounts and operators into a fresh database, or finish what an interrupted start began."""
    half = data / "demo_accounts.new"
    half.touch(mode=0o600)  # it holds the panels' keys
    write_csv(half)
    await import_accounts(url, key, half)
    await agree(url, key)
    for operator in OPERATORS:
        with contextlib.suppress(NotAdded):  # there already
            await add_operator(url, operator.name, operator.role, operator.language, PASSWORD)
    half.rename(accounts_file(data))
