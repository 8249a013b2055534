"""Signed heads: what the station held at one time, in one text that is kept out of its reach.

In: what was counted and hashed, and the heads before. Out: a canonical text with its Ed25519 signature (RFC 8032), as
a file; and, from a sequence of such files, what the database must hold now. A chain alone does not show that all of it
was written anew: a head that lies on another host does. Each head lists what changed since the one before, so that a
sequence from the first on names every incident that there ever was.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import attrs
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from station.chain import Altered

#: Of an event's hash, so many bytes name it in a list; `Head.digest` covers whole hashes.
START_BYTES: Final = 8


class Mark(NamedTuple):
    """How far an incident had come."""

    #: Its events.
    n: int
    #: The start of the last one's hash, in hex.
    start: str
    #: The first head that saw it so.
    head: int


@attrs.frozen(kw_only=True)
class Head:
    """What the station held."""

    #: 1, 2, 3 ...
    number: int
    #: Station time.
    at: dt.datetime
    #: The last restore of the station from a backup: what heads saw shortly before it may be gone.
    restored_at: dt.datetime | None
    #: SHA-256 of the text of the head before, in hex; empty in the first.
    previous: str
    incidents: int
    #: The greatest id; 0 if there is none.
    last_incident: int
    #: SHA-256 over `incident_line` of all incidents by their ids, in hex.
    digest: str
    #: Incidents that are new or have new events since the head before: id, events, start of the last hash in hex.
    changed: Sequence[tuple[int, int, str]]
    #: Incidents that were there at the head before.
    gone: Sequence[int]
    #: The last row of the station's own chain; 0 and empty if there is none.
    audit_n: int
    audit_hash: str
    #: All signals, and the times of the first and the last.
    signals: int
    first_signal_at: dt.datetime | None
    last_signal_at: dt.datetime | None
    #: Signals of each UTC day that was counted for this head; other days stay as an earlier head has them.
    days: Mapping[dt.date, int]


@attrs.frozen
class SignedHead:
    """A head as it lies in a file."""

    head: Head
    signature: bytes


def incident_line(incident: int, n: int, last_hash: bytes) -> bytes:
    """What of one incident goes into `Head.digest`."""
    return f"{incident}|{n}|{last_hash.hex()}\n".encode()


# Texts -----------------------------------------------------------------------------------------------------------


def text_of(head: Head) -> str:
    """What is signed: JSON in one form only."""
    fields = {
        "number": head.number,
        "at": _written(head.at),
        "restored_at": _written(head.restored_at),
        "previous": head.previous,
        "incidents": head.incidents,
        "last_incident": head.last_incident,
        "digest": head.digest,
        "changed": [f"{incident} {n} {start}" for incident, n, start in head.changed],
        "gone": list(head.gone),
        "audit_n": head.audit_n,
        "audit_hash": head.audit_hash,
        "signals": head.signals,
        "first_signal_at": _written(head.first_signal_at),
        "last_signal_at": _written(head.last_signal_at),
        "days": {day.isoformat(): count for day, count in head.days.items()},
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def hash_of(head: Head) -> str:
    """What the next head names."""
    return hashlib.sha256(text_of(head).encode()).hexdigest()


def sign(head: Head, key: Ed25519PrivateKey) -> SignedHead:
    """The head with its signature."""
    return SignedHead(head, key.sign(text_of(head).encode()))


def check_signature(signed: SignedHead, key: Ed25519PublicKey) -> None:
    """Whether the station signed it.

    Raises:
        Altered: it did not, or not this.
    """
    try:
        key.verify(signed.signature, text_of(signed.head).encode())
    except InvalidSignature:
        raise Altered(f"head {signed.head.number}: its signature is not that of this station's key") from None


def file_text(signed: SignedHead) -> str:
    """What goes into its file."""
    signature = base64.b64encode(signed.signature).decode()
    return f'{{"head":{text_of(signed.head)},"signature":"{signature}"}}\n'


def file_name(head: Head) -> str:
    """Sorts by number, then by time."""
    return f"head-{head.number:08}-{head.at:%Y%m%dT%H%M%SZ}.json"


def read(text: str) -> SignedHead:
    """What `file_text` wrote; nothing is checked.

    Raises:
        ValueError: it is no head.
    """
    try:
        found = json.loads(text)
        return SignedHead(_head(found["head"]), base64.b64decode(found["signature"], validate=True))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError("this is no head") from error


def _head(found: Mapping[str, Any]) -> Head:
    return Head(
        number=int(found["number"]),
        at=dt.datetime.fromisoformat(found["at"]),
        restored_at=_instant(found["restored_at"]),
        previous=str(found["previous"]),
        incidents=int(found["incidents"]),
        last_incident=int(found["last_incident"]),
        digest=str(found["digest"]),
        changed=[_changed(line) for line in found["changed"]],
        gone=[int(incident) for incident in found["gone"]],
        audit_n=int(found["audit_n"]),
        audit_hash=str(found["audit_hash"]),
        signals=int(found["signals"]),
        first_signal_at=_instant(found["first_signal_at"]),
        last_signal_at=_instant(found["last_signal_at"]),
        days={dt.date.fromisoformat(day): int(count) for day, count in found["days"].items()},
    )


def _changed(line: str) -> tuple[int, int, str]:
    incident, n, start = line.split(" ")
    return int(incident), int(n), start


def _written(at: dt.datetime | None) -> str | None:
    return None if at is None else at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def _instant(text: str | None) -> dt.datetime | None:
    return None if text is None else dt.datetime.fromisoformat(text)


# Sequences -------------------------------------------------------------------------------------------------------


class Expected:
    """What a sequence of heads says that the station must hold. About 200 bytes an incident."""

    def __init__(self) -> None:
        self.last: Head | None = None
        #: The heads began with the first: every incident is known, not only those that changed since.
        self.complete = True
        self.incidents: dict[int, Mark] = {}
        self.days: dict[dt.date, int] = {}

    def check(self, head: Head) -> None:
        """Whether `head` can follow: its place in the chain, and that nothing is less than it was.

        After a restore from a backup less is no wonder: the head then begins anew from what was restored.

        Raises:
            Altered: the first thing that can't be.
        """
        self.check_place(head)
        if self.last is not None and head.restored_at == self.last.restored_at:
            self._check_incidents(head)
            _check_totals(self.last, self.days, head)

    def check_place(self, head: Head) -> None:
        """Whether `head` is the next of the chain, whatever it says.

        Raises:
            Altered: it is not.
        """
        if self.last is not None:
            _check_place(self.last, head)
        elif head.number == 1 and head.previous:
            raise Altered("head 1: it does not begin the chain of heads")

    def _check_incidents(self, head: Head) -> None:
        for incident in head.gone:
            was = self.incidents.get(incident)
            seen = "" if was is None else f"; head {was.head} saw it with {was.n} events"
            raise Altered(f"incident {incident}: it was missing at head {head.number}{seen}")
        for incident, n, start in head.changed:
            was = self.incidents.get(incident)
            if was is not None and (n < was.n or (n == was.n and start != was.start)):
                raise Altered(
                    f"incident {incident}: at head {head.number} it was not the one that head {was.head} saw with "
                    f"{was.n} events"
                )

    def apply(self, head: Head) -> None:
        """Take in `head`, whatever `check` says of it."""
        if self.last is None:
            self.complete = head.number == 1
        for incident, n, start in head.changed:
            self.incidents[incident] = Mark(n, start, head.number)
        for incident in head.gone:
            self.incidents.pop(incident, None)
        self.days.update(head.days)
        self.last = head


def _check_place(last: Head, head: Head) -> None:
    if head.number == last.number:
        raise Altered(f"head {head.number}: there are two of them")
    if head.number != last.number + 1:
        raise Altered(f"head {last.number + 1}: it is missing")
    if head.previous != hash_of(last):
        raise Altered(f"head {head.number}: it does not follow head {last.number}")


def _check_totals(last: Head, days: Mapping[dt.date, int], head: Head) -> None:
    if head.audit_n < last.audit_n:
        raise Altered(f"audit row {head.audit_n + 1}: it was missing at head {head.number}; head {last.number} saw it")
    if head.audit_n == last.audit_n and head.audit_hash != last.audit_hash:
        raise Altered(f"audit row {head.audit_n}: at head {head.number} it was not the one that head {last.number} saw")
    for day, count in sorted(head.days.items()):
        if count < days.get(day, 0):
            raise Altered(f"signals of {day}: {count} at head {head.number}, and {days[day]} before")


def follow(signed: Iterable[SignedHead], key: Ed25519PublicKey) -> Expected:
    """What `signed`, in the order of their numbers, say together; a copy of one beside it says nothing more.

    Raises:
        Altered: a signature or the chain of heads is broken, or one head says less than an earlier one.
    """
    expected = Expected()
    for one in signed:
        check_signature(one, key)
        if one.head == expected.last:
            continue
        expected.check(one.head)
        expected.apply(one.head)
    return expected
