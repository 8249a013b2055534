"""The auditor's own alarms: each told once when it begins, and once when it ends.

In: what is the matter now. Out: signals of the kind `station`, whose account names the matter, so that one open
incident stands for it. What could not be stored is kept, and stored later.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections.abc import Collection, Sequence
from typing import Final

from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport

_KEY_BYTES: Final = 16


class Matter(enum.Enum):
    """What the auditor reports; the value is the account of its signals."""

    ENGINE = "auditor"
    """The engine is late, or has forgotten an incident."""

    HEADS = "heads"
    """Heads can't be taken or sent."""

    HISTORY = "history"
    """What a head saw is there no more, or was rewritten: never over by itself, and each time is news."""


#: What ends by itself, or with the next auditor.
ENDING: Final = (Matter.ENGINE, Matter.HEADS)


class Matters:
    """Which of them stand, and what of it is not stored yet."""

    def __init__(self) -> None:
        self._standing: set[Matter] = set()
        self._unstored: list[Signal] = []

    def know(self, standing: Collection[str]) -> None:
        """Those that an earlier auditor raised and did not end."""
        self._standing |= {matter for matter in ENDING if matter.value in standing}

    def raise_(self, matter: Matter, text: str, now: dt.datetime) -> None:
        """It is so; nothing happens if that was told."""
        if matter not in self._standing:
            self._standing.add(matter)
            self._unstored.append(_told(matter, Qualifier.NEW, text, now))

    def happened(self, matter: Matter, text: str, now: dt.datetime) -> None:
        """It happened, perhaps again."""
        self._unstored.append(_told(matter, Qualifier.NEW, text, now))

    def end(self, matter: Matter, text: str, now: dt.datetime) -> None:
        """It is so no more; nothing happens if it was not."""
        if matter in self._standing:
            self._standing.discard(matter)
            self._unstored.append(_told(matter, Qualifier.RESTORE, text, now))

    @property
    def unstored(self) -> Sequence[Signal]:
        """What is to be stored, in order."""
        return tuple(self._unstored)

    def stored(self, signals: Sequence[Signal]) -> None:
        """These are."""
        del self._unstored[: len(signals)]


def _told(matter: Matter, qualifier: Qualifier, text: str, now: dt.datetime) -> Signal:
    said = f"{Kind.STATION.value}|{qualifier.value}|{matter.value}|{now.isoformat()}"
    return Signal(
        received_at=now,
        protocol=Protocol.OWN,
        transport=Transport.INSIDE,
        peer="",
        account_id=None,
        account=matter.value,
        receiver=None,
        prefix=None,
        sequence="",
        token="",
        kind=Kind.STATION,
        qualifier=qualifier,
        event_code=None,
        area=None,
        zone=None,
        user=None,
        text=text,
        extended=(),
        occurred_at=None,
        old=False,
        payload=text,
        raw=said.encode(),
        authenticity=Authenticity.UNPROVEN,
        reply=Reply.ACK,
        repeat_key=hashlib.blake2b(b"own|" + said.encode(), digest_size=_KEY_BYTES).digest(),
    )
