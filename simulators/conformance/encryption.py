"""Encrypted frames: keys, pads, and the time window (DC-09 5.4.6 and 5.5.1.9).

An acknowledgement of an encrypted frame is encrypted. What a wrong key "decrypts" must never be acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from simulators.conformance.cases import (
    Allowed,
    Basis,
    Case,
    CrcForm,
    Keyed,
    Said,
    Sealed,
    Token,
    Turn,
    UnderTest,
    answered,
    framed,
)  # fmt: skip

_KEY_SIZES: Final = (16, 24, 32)
_STAMP_BYTES: Final = len("_HH:MM:SS,MM-DD-YYYY")
_BLOCK_BYTES: Final = 16
_LETTERS: Final = b"QwErTyUiOpAsDfGhJkLzXcVbNm"
#: What no pad may hold; any other byte may stand in it.
_FORBIDDEN: Final = b"|[]"
_EVERY_BYTE: Final = bytes(byte for byte in range(256) if byte not in _FORBIDDEN)
_STAND_IN: Final = {size: Keyed("AE500" + str(size), bytes(range(size))) for size in _KEY_SIZES}


@attrs.frozen
class _Panel:
    """An encrypting panel, and why it can't be played, if the receiver does not know it."""

    keyed: Keyed
    untried: str

    def case(self, name: str, basis: Basis, source: str, *turns: Turn, allowed: tuple[Allowed, ...] = ()) -> Case:
        return Case(
            subject="encryption",
            name=name,
            basis=basis,
            source=source,
            turns=turns,
            allowed=allowed,
            untried=self.untried,
        )

    def header(self, sequence: int, before_l: bytes = b"R0") -> bytes:
        return b"%04d%bL0#%b" % (sequence, before_l, self.keyed.account.encode("ascii"))

    def data(self, events: bytes) -> bytes:
        return b"#%b|%b]" % (self.keyed.account.encode("ascii"), events)

    def ack(self, sequence: int, form: CrcForm = CrcForm.HEX) -> tuple[Said, ...]:
        return (Said(Token.ACK, self.header(sequence), form, self.keyed.key),)

    def sealed(self, sequence: int, before: bytes, token: bytes = b"SIA-DCS") -> Sealed:
        return Sealed(self.keyed.key, b'"*%b"%b' % (token, self.header(sequence)), before)


def cases(under_test: UnderTest) -> Iterator[Case]:
    """The cases of this subject."""
    first = min(under_test.keyed, default=_KEY_SIZES[0])
    panels = {size: _panel(under_test, size) for size in _KEY_SIZES}
    for size, panel in panels.items():
        sealed = panel.sealed(3001, _padded(panel.data(b"Nri1/BA003")))
        turn = Turn((sealed,), panel.ack(3001))
        yield panel.case(f"AES-{size * 8}", Basis.STANDARD, "DC-09: three lengths of key", turn)
    yield from _contents(panels[first])
    yield from _pads(panels[first])
    yield from _times(panels[first])
    yield from _not_proven(panels[first])
    yield from _nobodys_key(under_test)


def _panel(under_test: UnderTest, size: int) -> _Panel:
    known = under_test.keyed.get(size)
    return _Panel(known or _STAND_IN[size], "" if known else f"no --key of {size} bytes was given")


def _padded(data: bytes, least: int = 16, letters: bytes = _LETTERS, bar: bytes = b"|", more: int = 0) -> bytes:
    """`data` behind a pad of at least `least` bytes, so that all, with the time and `more`, is a multiple of 16."""
    count = least + -(least + len(bar) + len(data) + _STAMP_BYTES + more) % _BLOCK_BYTES
    return (letters * (count // len(letters) + 1))[:count] + bar + data


def _contents(panel: _Panel) -> Iterator[Case]:
    whats = (
        ("Contact ID", b"ADM-CID", panel.data(b"1131 01 003")),
        ("several events", b"SIA-DCS", panel.data(b"Nri1/BA003/BA004/TA005")),
        ("extended data", b"SIA-DCS", panel.data(b"Nri1/BA003") + b"[M001122334455][SS\xc3\xb3t\xc3\xa3o]"),
        ("no account in the data", b"SIA-DCS", b"Nri1/WA000]"),
        ("link test", b"NULL", b"]"),
    )
    for place, (name, token, data) in enumerate(whats):
        turn = Turn((panel.sealed(3010 + place, _padded(data), token),), panel.ack(3010 + place))
        yield panel.case(f"encrypted: {name}", Basis.STANDARD, "worked example", turn)
    xnm = Turn((panel.sealed(3020, _padded(b"][G1]"), b"XNM"),), panel.ack(3020))
    duh = Allowed((Said(Token.DUH, panel.header(3020)),), "a receiver of an older edition")
    yield panel.case("encrypted: link test XNM", Basis.STANDARD, "DC-09 2026", xnm, allowed=(duh,))
    without_r = attrs.evolve(
        panel.sealed(3021, _padded(panel.data(b"Nri1/BA003"))), head=b'"*SIA-DCS"' + panel.header(3021, b"")
    )
    said = Said(Token.ACK, panel.header(3021, b""), key=panel.keyed.key)
    yield panel.case("encrypted: no R", Basis.STANDARD, "the header is echoed", Turn((without_r,), (said,)))
    binary = attrs.evolve(panel.sealed(3022, _padded(panel.data(b"Nri1/BA003"))), form=CrcForm.BINARY)
    yield panel.case(
        "encrypted: binary CRC", Basis.FIELD, "habits 1, 24", Turn((binary,), panel.ack(3022, CrcForm.BINARY))
    )
    lower = attrs.evolve(panel.sealed(3023, _padded(panel.data(b"Nri1/BA003"))), lower_case=True)
    yield panel.case("encrypted: lower-case cipher text", Basis.FIELD, "habit 24", Turn((lower,), panel.ack(3023)))
    nuls = attrs.evolve(panel.sealed(3024, _padded(panel.data(b"Nri1/BA003"), more=5)), after=b"\0" * 5)
    yield panel.case("encrypted: NULs behind the time", Basis.FIELD, "habit 24", Turn((nuls,), panel.ack(3024)))


def _pads(panel: _Panel) -> Iterator[Case]:
    data = panel.data(b"Nri1/BA003")
    # A text of the right length: then no pad is needed, and some panels send none.
    aligned = panel.data(b"Nri1/BA003^%b^" % (b"x" * (-(len(data) + 3 + _STAMP_BYTES) % _BLOCK_BYTES)))
    rows = (
        ("no pad at all", "habit 24", Basis.FIELD, b"|" + aligned),
        ("a pad of one to sixteen bytes", "DC-09 2013", Basis.STANDARD, _padded(data, least=1)),
        ("a pad of sixteen bytes before aligned data", "DC-09 2013", Basis.STANDARD, _padded(aligned, least=16)),
        ("a pad of 16 to 31 bytes", "DC-09 2026", Basis.STANDARD, _padded(data, least=16)),
        ("a pad of 200 bytes", "habit 24: accept any length", Basis.FIELD, _padded(data, least=200)),
        ("a pad of characters 0", "habit 24", Basis.FIELD, _padded(data, letters=b"0")),
        ("a pad of NULs", "habit 24", Basis.FIELD, _padded(data, letters=b"\0")),
        ("a pad with CR, LF, quotes, # and _", "DC-09: any byte but three", Basis.STANDARD,
         _padded(data, letters=b'\r\n"#_\n\r"')),
        ("a pad that is no UTF-8", "DC-09: any byte but three", Basis.STANDARD,
         _padded(data, letters=b"\xff\xfe\x80\xc3(")),
        ("a pad of every byte there may be", "DC-09: any byte but three", Basis.STANDARD,
         _padded(data, least=len(_EVERY_BYTE), letters=_EVERY_BYTE)),
    )  # fmt: skip
    for place, (name, source, basis, before) in enumerate(rows):
        turn = Turn((panel.sealed(3100 + place, before),), panel.ack(3100 + place))
        yield panel.case(name, basis, source, turn)
    no_bar = Turn((panel.sealed(3120, _padded(b"]", bar=b""), b"NULL"),), panel.ack(3120))
    yield panel.case("link test without a bar behind the pad", Basis.FIELD, "habits 14, 24", no_bar)
    bare = Turn((panel.sealed(3121, _padded(b"]", least=0, bar=b"", letters=b"\0"), b"NULL"),), panel.ack(3121))
    yield panel.case("link test behind a short pad of NULs, no bar", Basis.FIELD, "habit 24", bare)


def _times(panel: _Panel) -> Iterator[Case]:
    nak = (Said(Token.NAK, b"0000R0L0A0"),)
    other_nak = Allowed((Said(Token.NAK, b"0000R0L0#" + panel.keyed.account.encode("ascii")),), "NAK with the account")

    def at(sequence: int, age_s: int) -> Sealed:
        return attrs.evolve(panel.sealed(sequence, _padded(panel.data(b"Nri1/BA003"))), age_s=age_s)

    for place, (name, age_s) in enumerate((("thirty seconds ago", 30), ("ten seconds ahead", -10))):
        turn = Turn((at(3200 + place, age_s),), panel.ack(3200 + place))
        yield panel.case(f"sent {name}", Basis.STANDARD, "DC-09: from -40 to +20 seconds", turn)
    outside = (("two minutes ago", 120), ("two minutes ahead", -120), ("seven years ago", 7 * 365 * 86_400))
    for place, (name, age_s) in enumerate(outside):
        turn = Turn((at(3210 + place, age_s),), nak)
        yield panel.case(f"sent {name}", Basis.STANDARD, "DC-09: NAK with the right time", turn, allowed=(other_nak,))
    corrected = (Turn((at(3220, 3600),), nak), Turn((at(3220, 0),), panel.ack(3220)))
    yield panel.case("a clock an hour late, then corrected", Basis.STANDARD, "DC-09: NAK, then ACK", *corrected)
    data = panel.data(b"Nri1/BA003")
    untimed = attrs.evolve(panel.sealed(3221, _padded(data, more=-_STAMP_BYTES)), age_s=None)
    allowed = (
        Allowed((Said(Token.DUH, panel.header(3221)),), "it is not a frame of DC-09"),
        Allowed((), "it is not a frame of DC-09"),
        Allowed(panel.ack(3221), "the key proves the sender, if not the hour"),
    )
    yield panel.case(
        "encrypted, without a time",
        Basis.HOUSE,
        "the time is what is wrong",
        Turn((untimed,), nak),
        allowed=(*allowed, other_nak),
    )


def _not_proven(panel: _Panel) -> Iterator[Case]:
    """Nothing of this is proven to be the panel's. Silence and NAK are other ways to say no; an ACK never is."""

    def refused(name: str, sequence: int, frame: bytes | Sealed) -> Case:
        header = panel.header(sequence)
        turn = Turn((frame,), (Said(Token.DUH, header),))
        return panel.case(name, Basis.HOUSE, "stored, and not believed", turn, allowed=_refusals)

    sealed = panel.sealed(3300, _padded(panel.data(b"Nri1/BA003")))
    other_key = bytes(byte ^ 0x5A for byte in panel.keyed.key)
    yield refused("another key", 3300, attrs.evolve(sealed, key=other_key))
    head = b'"*SIA-DCS"' + panel.header(3301)
    yield refused("cipher text of an odd number of digits", 3301, framed(head + b"[" + b"5A" * 47 + b"5"))
    yield refused("cipher text that fills no whole block", 3301, framed(head + b"[" + b"5A" * 47))
    yield refused("cipher text that is no hex", 3301, framed(head + b"[" + b"not hexadecimal" * 2))
    yield refused("no cipher text", 3301, framed(head + b"["))
    number = panel.keyed.account.encode("ascii")
    clear = answered(panel.header(3310), b"[#%b|Nri1/BA003]" % number)
    lawful = (*_refusals, Allowed(clear.comes, "the receiver takes clear text too"))
    duh = (Said(Token.DUH, panel.header(3310)),)
    yield panel.case(
        "clear text where a key is known", Basis.HOUSE, "anybody could say it", Turn(clear.sent, duh), allowed=lawful
    )


def _nobodys_key(under_test: UnderTest) -> Iterator[Case]:
    """An encrypted frame for an account whose key the receiver does not have."""
    clear = _Panel(Keyed(under_test.account, b"nobody knows it."), "")
    frame = clear.sealed(3320, _padded(clear.data(b"Nri1/BA003")))
    turn = Turn((frame,), (Said(Token.DUH, clear.header(3320)),))
    yield clear.case(
        "encrypted where no key is known", Basis.HOUSE, "it can't be acknowledged in kind", turn, allowed=_refusals
    )


_refusals: Final = (
    Allowed((), "silence does not acknowledge it either"),
    Allowed((Said(Token.NAK, None),), "NAK does not acknowledge it either"),
)
