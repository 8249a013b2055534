"""Whether what came back is what should have come. Pure.

In: the bytes that a receiver sent in each turn of a case, and our time. Out: a verdict, and in words what came and
what should have come.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Sequence
from typing import Final

import attrs
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulators.conformance.cases import Case, CrcForm, Said, Token, Turn, framed

#: How far the receiver's clock may be from ours: panels set theirs by it.
CLOCK_LIMIT_S: Final = 60
_HEX_START: Final = re.compile(rb'\n[0-9A-Fa-f]{4}0([0-9A-Fa-f]{3})"', re.DOTALL)
_BINARY_START: Final = re.compile(rb'\n..0([0-9A-Fa-f]{3})"', re.DOTALL)
_STAMP_FORM: Final = "%H:%M:%S,%m-%d-%Y"
_NAMES: Final = {0x00: "NUL", 0x0A: "LF", 0x0D: "CR"}
_STAMP: Final = rb"_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})"
_CLEAR: Final = re.compile(rb'"([A-Z]+)"([^\[]*)\[\](?:%b)?' % _STAMP)
_SEALED: Final = re.compile(rb'"\*ACK"([^\[]*)\[([0-9A-Fa-f]+)')
#: Pad, perhaps its bar, no data, a time.
_SEALED_CONTENT: Final = re.compile(rb"[^|\[\]]*\|?\]%b\x00*" % _STAMP, re.DOTALL)


class Verdict(enum.Enum):
    """How a receiver did."""

    RIGHT = "right"
    #: Not as ours, but lawful.
    ALLOWED = "differs (allowed)"
    WRONG = "wrong"
    NOT_TRIED = "not tried"


@attrs.frozen
class Heard:
    """What came back."""

    #: For each turn that was played, all bytes of it.
    turns: tuple[bytes, ...]
    #: The receiver closed the connection, or there was none.
    hung_up: bool = False


def replies_in(heard: bytes) -> list[bytes]:
    """`heard` cut into frames by their own length; what is no frame, or not whole, comes as it is, at the end."""
    found = []
    while heard:
        end = min(_end_of_first(heard), len(heard))
        found.append(heard[:end])
        heard = heard[end:]
    return found


def whole_replies(heard: bytes) -> int:
    """How many replies have come to their end."""
    return sum(_end_of_first(reply) <= len(reply) for reply in replies_in(heard))


def _end_of_first(heard: bytes) -> int:
    start = _HEX_START.match(heard) or _BINARY_START.match(heard)
    return start.end() - 1 + int(start[1], 16) + 1 if start else len(heard)


def verdict(case: Case, heard: Heard, now: dt.datetime) -> Verdict:
    """How the receiver did in a case that was played; `now` is our time when it ended."""
    found = [_of_turn(turn, came, now) for turn, came in zip(case.turns, heard.turns, strict=False)]
    if len(heard.turns) < len(case.turns):
        # The connection ended before the last turn.
        found.append(Verdict.ALLOWED if found and any(other.hung_up for other in case.allowed) else Verdict.WRONG)
    elif found[-1] is Verdict.WRONG:
        lawful = [other for other in case.allowed if heard.hung_up or not other.hung_up]
        if any(_agree(other.comes, heard.turns[-1], now) for other in lawful):
            found[-1] = Verdict.ALLOWED
    return next(verdict for verdict in (Verdict.WRONG, Verdict.ALLOWED, Verdict.RIGHT) if verdict in found)


def _of_turn(turn: Turn, came: bytes, now: dt.datetime) -> Verdict:
    if _agree(turn.comes, came, now) or (turn.bare and came == turn.bare):
        return Verdict.RIGHT
    # An empty line says no more than silence.
    return Verdict.ALLOWED if turn.free or (not turn.comes and not came.strip(b"\r\n\0")) else Verdict.WRONG


def _agree(comes: Sequence[Said], came: bytes, now: dt.datetime) -> bool:
    replies = replies_in(came)
    return len(replies) == len(comes) and all(
        says(said, reply, now) for said, reply in zip(comes, replies, strict=True)
    )


def says(said: Said, reply: bytes, now: dt.datetime) -> bool:
    """Whether a reply is the one that should come, to the byte where the byte is known."""
    text = _sound(reply, said.form)
    if text is None:
        return False
    if said.key is not None:
        sealed = _SEALED.fullmatch(text)
        return sealed is not None and said.header in {None, sealed[1]} and _opens(said.key, sealed[2])
    clear = _CLEAR.fullmatch(text)
    if clear is None or clear[1] != said.token.value.encode("ascii") or said.header not in {None, clear[2]}:
        return False
    return said.token is not Token.NAK or _tells_the_time(clear[3], now)


def _sound(reply: bytes, form: CrcForm) -> bytes | None:
    """What stands between length and CR, if both length and CRC are right; their hex digits may be of either case."""
    crc_bytes, text_at = (2, 7) if form is CrcForm.BINARY else (4, 9)
    text, head = reply[text_at:-1], reply[:text_at]
    if form is CrcForm.HEX:
        head = head.upper()
    sound = head[: 1 + crc_bytes] + head[1 + crc_bytes :].upper() + reply[text_at:] == framed(text, form)
    return text if sound else None


def _opens(key: bytes, hex_text: bytes) -> bool:
    """Whether the cipher text holds, under this key, what an acknowledgement should: nothing, and a time."""
    if len(hex_text) % 32:
        return False
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    plain = cipher.update(bytes.fromhex(hex_text.decode("ascii"))) + cipher.finalize()
    return _SEALED_CONTENT.fullmatch(plain) is not None


def _tells_the_time(stamp: bytes | None, now: dt.datetime) -> bool:
    if stamp is None:
        return False
    try:
        told = dt.datetime.strptime(stamp.decode("ascii"), _STAMP_FORM).replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return abs((told - now).total_seconds()) <= CLOCK_LIMIT_S


# In words --------------------------------------------------------------------------------------------------------


def printable(data: bytes) -> str:
    """Bytes of a frame as a person reads them; nothing in it can move a cursor."""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else f"<{_NAMES.get(byte, f'{byte:02X}')}>" for byte in data)


def came(heard: Heard) -> str:
    """What came back, turn by turn."""
    turns = [", ".join(_shown(reply) for reply in replies_in(turn)) or "nothing" for turn in heard.turns]
    return "; then ".join([*turns, *(["hung up"] if heard.hung_up else [])]) or "nothing"


def _shown(reply: bytes) -> str:
    """A sound frame by its text, anything else byte by byte."""
    for form in CrcForm:
        text = _sound(reply, form)
        if text is not None:
            return printable(text) + (" (binary CRC)" if form is CrcForm.BINARY else "")
    return printable(reply)


def should_have_come(case: Case) -> str:
    """What is right, turn by turn."""
    return "; then ".join(described(turn.comes) for turn in case.turns)


def described(comes: Sequence[Said]) -> str:
    """Replies as they should be."""
    return ", ".join(_described(said) for said in comes) or "nothing"


def _described(said: Said) -> str:
    header = "..." if said.header is None else printable(said.header)
    crc = " (binary CRC)" if said.form is CrcForm.BINARY else ""
    if said.key is not None:
        return f'"*ACK"{header}[ sealed: pad, ], time{crc}'
    return f'"{said.token.value}"{header}[]' + ("_ its time, GMT" if said.token is Token.NAK else "") + crc
