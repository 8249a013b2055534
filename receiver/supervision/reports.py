"""The signals that tell of silence: path lost, all paths lost, storms, late tests, and the end of each.

In: what was found. Out: signals for the journal. Their texts are what an operator reads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from station.own_signals import own_signal
from station.signals import Kind, Qualifier, Signal
from station.store.paths import Whose


def path_lost(now: dt.datetime, whose: Whose, heard_s: float) -> Signal:
    """A path is silent for too long."""
    return own_signal(
        now,
        Kind.PATH_LOST,
        Qualifier.NEW,
        account=whose.account,
        account_id=whose.account_id,
        text=f"Path {whose.number} is lost: nothing heard since {_instant(heard_s)}",
        occasion=f"{heard_s:.0f}",
        point=str(whose.number),
    )


def path_back(now: dt.datetime, whose: Whose, heard_s: float) -> Signal:
    """It is heard again."""
    return own_signal(
        now,
        Kind.PATH_LOST,
        Qualifier.RESTORE,
        account=whose.account,
        account_id=whose.account_id,
        text=f"Path {whose.number} is heard again",
        occasion=f"{heard_s:.0f}",
        point=str(whose.number),
    )


def all_paths_lost(now: dt.datetime, whose: Whose) -> Signal:
    """Nothing reaches us from there."""
    return own_signal(
        now,
        Kind.ALL_PATHS_LOST,
        Qualifier.NEW,
        account=whose.account,
        account_id=whose.account_id,
        text="All paths are lost: nothing that happens there can reach us",
        occasion=now.isoformat(timespec="seconds"),
    )


def one_path_back(now: dt.datetime, whose: Whose) -> Signal:
    """Something does."""
    return own_signal(
        now,
        Kind.ALL_PATHS_LOST,
        Qualifier.RESTORE,
        account=whose.account,
        account_id=whose.account_id,
        text=f"Path {whose.number} is heard again",
        occasion=now.isoformat(timespec="seconds"),
    )


def storm(now: dt.datetime, name: str, numbers: Sequence[str], listed: int) -> Signal:
    """Many paths are lost together; told again when it grows. `numbers`: their accounts."""
    more = f" and {len(numbers) - listed} more" if len(numbers) > listed else ""
    return own_signal(
        now,
        Kind.STATION,
        Qualifier.NEW,
        account=name,
        account_id=None,
        text=f"{len(numbers)} paths are lost together: {', '.join(sorted(numbers)[:listed])}{more}",
        occasion=now.isoformat(timespec="seconds"),
    )


def storm_over(now: dt.datetime, name: str, back: int, peak: int) -> Signal:
    """Most of them are back."""
    return own_signal(
        now,
        Kind.STATION,
        Qualifier.RESTORE,
        account=name,
        account_id=None,
        text=f"{back} of {peak} paths are heard again; the others are told one by one",
        occasion=now.isoformat(timespec="seconds"),
    )


def late_to_test(now: dt.datetime, account_id: int, account: str, due_at: dt.datetime) -> Signal:
    """The test report did not come."""
    return own_signal(
        now,
        Kind.LATE_TO_TEST,
        Qualifier.NEW,
        account=account,
        account_id=account_id,
        text=f"No test report came by {_instant(due_at.timestamp())}",
        occasion=due_at.isoformat(timespec="seconds"),
    )


def tested_again(now: dt.datetime, account_id: int, account: str) -> Signal:
    """It came, or none is awaited any more."""
    return own_signal(
        now,
        Kind.LATE_TO_TEST,
        Qualifier.RESTORE,
        account=account,
        account_id=account_id,
        text="The test report came",
        occasion=now.isoformat(timespec="seconds"),
    )


def _instant(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
