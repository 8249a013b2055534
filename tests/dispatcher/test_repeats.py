"""Copies among signals that are read together."""

from __future__ import annotations

import datetime as dt

from dispatcher.repeats import REPEAT_WINDOW, copies_among
from station.signals import Authenticity, Kind, Qualifier, StoredSignal

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def stored(id_: int, key: bytes | None, after_s: float = 0) -> StoredSignal:
    return StoredSignal(
        raw=b"d",
        id=id_,
        received_at=NOON + dt.timedelta(seconds=after_s),
        account_id=1,
        account="1234",
        kind=Kind.BURGLARY,
        qualifier=Qualifier.NEW,
        zone="001",
        authenticity=Authenticity.UNPROVEN,
        old=False,
        repeat_key=key,
    )


def test_a_second_signal_with_the_same_key_is_a_copy_of_the_first() -> None:
    signals = [stored(1, b"a"), stored(2, b"b"), stored(3, b"a", 5), stored(4, b"a", 9)]
    assert copies_among(signals) == {3: 1, 4: 1}


def test_signals_without_a_key_are_never_copies() -> None:
    assert copies_among([stored(1, None), stored(2, None)]) == {}


def test_the_same_content_long_after_is_a_new_event_even_if_both_are_read_together() -> None:
    # A dispatcher that was down reads hours at once; some panels number everything 0001.
    late = REPEAT_WINDOW.total_seconds() + 1
    assert copies_among([stored(1, b"a"), stored(2, b"a", late)]) == {}
