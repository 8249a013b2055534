"""The connection: it is the panel that closes it, and what is no frame does no harm to those that are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from simulators.conformance.cases import Allowed, Basis, Case, Said, Token, Turn, UnderTest, answered, framed

#: Longer than a receiver that closes "after the answer" takes for it.
_STAYS_OPEN_S: Final = 3.0
#: Who comes by on an open port, and its first words.
_STRANGERS: Final = (
    ("HTTP", b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: scan\r\n\r\n"),
    ("a TLS hello", bytes.fromhex("16030100510100004d03035b0a220d223022") + bytes(60)),
    ("SIP", b"OPTIONS sip:nm SIP/2.0\r\nVia: SIP/2.0/TCP nm;branch=foo\r\nContent-Length: 0\r\n\r\n"),
    ("SSH", b"SSH-2.0-Go\r\n"),
    ("Redis", b"*1\r\n$4\r\nPING\r\n"),
    ("Zabbix", b"ZBXD\x01\x0d\0\0\0\0\0\0\0agent.version"),
    ("SOCKS", b"\x05\x01\x00"),
    ("Galaxy in its own protocol", b"F#123456" * 3),
    ("Galaxy, binary", bytes.fromhex("0501815968") * 3),
    ("an Ecoline keep-alive", b"HID=16:00:00:00:02:09#UID=1234#TMPV=1.00#CRC=91477F80BC33FEA59561963B46912D26##"),
    ("512 bytes of nothing", bytes(512)),
)  # fmt: skip


def cases(under_test: UnderTest) -> Iterator[Case]:
    """The cases of this subject."""
    number = under_test.number
    report = b"[#%b|Nri1/BA001]" % number
    first = answered(b"4001R0L0#%b" % number, report, then_waits_s=_STAYS_OPEN_S)
    second = answered(b"4002R0L0#%b" % number, report)
    kept = _case("the connection stays open after the answer", Basis.FIELD, "habit 8: Ajax, Eaton", first, second)
    yield attrs.evolve(kept, stream=True)
    half = attrs.evolve(answered(b"4003R0L0#%b" % number, report), then_half_closes=True)
    yield attrs.evolve(
        _case("a panel that says it will send no more", Basis.FIELD, "habit 8: its answer is still due", half),
        stream=True,
    )
    later = attrs.evolve(answered(b"4004R0L0#%b" % number, report), then_waits_s=1.0)
    yield _case(
        "three reports, one after the other", Basis.STANDARD, "DC-09: several share a connection", later, later, later
    )
    yield from _strangers(under_test)
    yield from _receivers_words(under_test)


def _strangers(under_test: UnderTest) -> Iterator[Case]:
    number = under_test.number
    for place, (who, said) in enumerate(_STRANGERS):
        sound = answered(b"%04dR0L0#%b" % (4100 + place, number), b"[#%b|Nri1/BA001]" % number)
        yield attrs.evolve(
            _case(f"{who}, then a panel", Basis.HOUSE, "habit 10", _strange(said), sound),
            allowed=(Allowed((), "a stranger is hung up on", hung_up=True),),
        )
    beat = attrs.evolve(_strange(b"SR0001L0001    001465XX    [ID5B9490D8]\r"), bare=b'"ACK"')
    sound = answered(b"4120R0L0#%b" % number, b"[#%b|Nri1/BA001]" % number)
    yield attrs.evolve(
        _case("an Aritech OH heartbeat, then a panel", Basis.HOUSE, "habit 10", beat, sound),
        allowed=(Allowed((), "a stranger is hung up on", hung_up=True),),
    )


def _strange(said: bytes) -> Turn:
    return Turn((said,), (), free="what a stranger is told is nobody's rule")


def _receivers_words(under_test: UnderTest) -> Iterator[Case]:
    """Two receivers that answered each other would never end."""
    who = b"4130R0L0#" + under_test.number
    for token in (Token.ACK, Token.NAK, Token.DUH):
        turn = Turn((framed(b'"%b"%b[]' % (token.value.encode("ascii"), who)),), ())
        yield attrs.evolve(
            _case(f"a panel that says {token.value}", Basis.HOUSE, "two receivers would talk for ever", turn),
            allowed=tuple(Allowed((Said(no, None),), "it is told no") for no in (Token.DUH, Token.NAK)),
        )


def _case(name: str, basis: Basis, source: str, *turns: Turn) -> Case:
    return Case(subject="transport", name=name, basis=basis, source=source, turns=turns)
