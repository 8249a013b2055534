"""A signal: one report from a panel, as it is stored.

In: what a receiver understood of a frame. Out: a `Signal`, one row of the append-only table `signal`.
A frame that carries several events (SIA DC-03 blocks) becomes several signals, stored and acknowledged together.
The enums here are hashed by identity: each is looked up several times a signal, and a name is hashed in Python.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from typing import Final

import attrs


class Kind(enum.Enum):
    """What a signal or an incident is about. The values are those of the SQL enum `kind`."""

    __hash__ = object.__hash__

    FIRE = "fire"
    MEDICAL = "medical"
    PANIC_HOLDUP = "panic_holdup"
    GAS_CO = "gas_co"
    BURGLARY = "burglary"
    TAMPER = "tamper"
    VERIFICATION = "verification"
    TECHNICAL = "technical"
    SUPERVISORY = "supervisory"
    TROUBLE = "trouble"
    POWER = "power"
    COMMS = "comms"
    OPEN_CLOSE = "open_close"
    CANCEL = "cancel"
    BYPASS = "bypass"
    ACCESS = "access"
    TEST = "test"
    LINK_TEST = "link_test"
    SYSTEM = "system"
    MISC = "misc"
    UNTYPED = "untyped"
    # The code is readable and in no table: a person decides what it means.
    UNKNOWN_CODE = "unknown_code"
    # The frame is sound, its payload is not: it may be anything, so it ranks high.
    UNREADABLE = "unreadable"
    # Reported by the receiver itself: what the silence or the noise of panels means, and its own faults.
    PATH_LOST = "path_lost"
    ALL_PATHS_LOST = "all_paths_lost"
    LATE_TO_TEST = "late_to_test"
    RUNAWAY = "runaway"
    STATION = "station"
    # Only incidents are of these two: a report that is no alarm, yet must reach a person.
    UNKNOWN_ACCOUNT = "unknown_account"
    NOT_AUTHENTICATED = "not_authenticated"


class Qualifier(enum.Enum):
    """Which way the event goes (SIA DC-05 qualifier 1, 3, 6; DC-03 by the code's own letters)."""

    __hash__ = object.__hash__

    NEW = "new"
    RESTORE = "restore"
    STATUS = "status"
    OPENING = "opening"
    CLOSING = "closing"


class Authenticity(enum.Enum):
    """What the frame proved about its sender."""

    __hash__ = object.__hash__

    # Clear text from an account that has no key: there was nothing to prove.
    UNPROVEN = "unproven"
    # Decrypted with the account's key, inside the time window.
    AUTHENTICATED = "authenticated"
    # Decrypted with the account's key, outside the time window: late, or a recording.
    OUTSIDE_WINDOW = "outside_window"
    # Clear text from an account that has a key.
    CLEAR_TEXT = "clear_text"
    # Encrypted, and the account is unknown or has no key.
    NO_KEY = "no_key"
    # Encrypted, and the account's key does not open it.
    WRONG_KEY = "wrong_key"

    @property
    def authenticated(self) -> bool | None:
        """True or False where a key exists or encryption was used; None where there was nothing to prove."""
        match self:
            case Authenticity.UNPROVEN:
                return None
            case Authenticity.AUTHENTICATED:
                return True
            case Authenticity.OUTSIDE_WINDOW | Authenticity.CLEAR_TEXT | Authenticity.NO_KEY | Authenticity.WRONG_KEY:
                return False


#: Where a key exists or encryption was used, and nothing was proven.
DOUBTFUL: Final = frozenset(proof for proof in Authenticity if proof.authenticated is False)


class Reply(enum.Enum):
    """What the panel is told once its frame is committed (SIA DC-09 5.5.1)."""

    __hash__ = object.__hash__

    ACK = "ack"
    NAK = "nak"
    DUH = "duh"


class Protocol(enum.Enum):
    """The wire protocol of the door that the signal came through."""

    __hash__ = object.__hash__

    DC09 = "dc09"
    DC07 = "dc07"
    SURGARD = "surgard"
    ADEMCO685 = "ademco685"
    D6500 = "d6500"
    # No wire: the receiver itself reports.
    OWN = "own"


class Transport(enum.Enum):
    """How the bytes travelled."""

    __hash__ = object.__hash__

    TCP = "tcp"
    UDP = "udp"
    TLS = "tls"
    # No wire: the receiver itself reports.
    INSIDE = "inside"


#: A lane holds fewer signals than this; a signal's id is `lane * LANE_SPAN + place`, places counting from 1.
LANE_SPAN: Final = 1 << 32


def signal_id(lane: int, place: int) -> int:
    """The id of the signal at `place` (1, 2, 3 ...) of `lane`."""
    return lane * LANE_SPAN + place


@attrs.frozen(kw_only=True)
class Signal:
    """One event reported by a panel. Texts are as sent; nothing is converted that could not be converted back."""

    received_at: dt.datetime
    protocol: Protocol
    transport: Transport
    #: Source address and port, as text.
    peer: str
    #: Row of the account that the number, prefix and receiver resolve to; None if no account answers to them.
    account_id: int | None
    #: Account number as sent, leading zeros kept; in capitals where the account is known.
    account: str
    #: DC-09 fields R and L as sent, without their letter; None if absent.
    receiver: str | None
    prefix: str | None
    #: Four characters as sent; seldom unique (some panels always send 0001).
    sequence: str
    #: DC-09 identifier without the encryption star: SIA-DCS, ADM-CID, NULL ...
    token: str
    kind: Kind
    qualifier: Qualifier
    #: BA, 131 ...; None where the payload names no code.
    event_code: str | None
    area: str | None
    #: The number after the code: zone, user or other, as the code table says.
    zone: str | None
    #: The user named beside the code (DC-03 modifier `id`).
    user: str | None
    #: Texts sent with the event, joined by a space.
    text: str
    #: Extended data as sent: letter and content, in order.
    extended: tuple[tuple[str, str], ...]
    #: When the panel says that it happened (H field, else the frame's own time); None if it does not say.
    occurred_at: dt.datetime | None
    #: True for a DC-03 `O` block: stored in the panel and reported late.
    old: bool
    #: The data group in clear, or what could not be opened: what an operator reads when nothing else can be read.
    payload: str
    #: The frame as it came, LF to CR.
    raw: bytes
    authenticity: Authenticity
    reply: Reply
    #: Equal for two copies of one event; None where copies do not matter (link tests).
    repeat_key: bytes | None
    #: True for what a runaway panel repeats: stored, and kept from the queue.
    suppressed: bool = False


@attrs.frozen(kw_only=True)
class StoredSignal:
    """What correlation must know of a committed signal; the fields are those of `Signal`."""

    id: int
    received_at: dt.datetime
    account_id: int | None
    account: str
    kind: Kind
    qualifier: Qualifier
    zone: str | None
    authenticity: Authenticity
    old: bool
    repeat_key: bytes | None
    suppressed: bool = False
    event_code: str | None = None
    area: str | None = None
    user: str | None = None
    #: JSON, as stored.
    extended: str | None = None
    #: The frame as it came.
    raw: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the raw frame, in hex."""
        return hashlib.sha256(self.raw).hexdigest()
