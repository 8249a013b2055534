"""What panels write between the brackets: events in all spellings, extended data, times. A sound frame is ACKed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from simulators.conformance.cases import Allowed, Basis, Case, Said, Token, Turn, UnderTest, answered

#: DC-03 blocks as seen on the wire (what, where from, the block without its account).
_SIA_DCS: Final = (
    ("area and zone", "worked example", b"Nri1/BA003^Front door^"),
    ("several events in one block", "worked example", b"Nti11:59/ri1/BA003/BA004/TA005"),
    ("two areas in one block", "habit 18", b"Nri01/CL501/ri02/CL501"),
    ("no slash after the area", "habit 18: INIM", b"Nri1BA503^Volum.Taverna   Appartam.Giorno ^"),
    ("no slash after the time", "habit 18", b"Nti20:50:26RP99"),
    ("no area", "habit 18: G90", b"NBA4"),
    ("code without an address", "habit 18: PROSEC", b"NRP"),
    ("no area, address of one digit", "habit 18: PROSEC", b"NOP1"),
    ("a code that begins with N", "habit 18", b"NNL2"),
    ("no N before the code", "habit 18", b"NL2"),
    ("area of four zeros", "habit 18: PROSEC", b"Nri0000/LR"),
    ("modifiers before a bare code", "habit 18: Eaton", b"Nti19:44/id1/ri4/RP"),
    ("area before user, code without an address", "habit 18: SATEL Perfecta", b"Nri2/id15/OP"),
    ("peripheral before the code", "habit 18: SATEL, Dahua", b"Npi0/AT"),
    ("texts after area and code", "habit 18: Jablotron", b"Nri01^TOTAL^/LX901^centrale d'alarme JA-106K(R)^"),
    ("text between *' and 'NM", "habit 18: Aritech", b"NUA021*'detector hall'NM"),
    ("text with slashes and brackets", "habit 18", b"Nri1/BA001^Hall/door [2]^"),
    ("a second block of text", "habit 18", b"NRR|Atest"),
    ("a leading empty group", "habit 18: AlphaVision", b"0|NRP"),
    ("DC-04 style", "published test frame", b"NFA129"),
    ("an old event, reported late", "DC-03: O", b"Oti03:12/ri1/AT0"),
    ("Galaxy level 3 with its log", "Galaxy", b"Nti10:35/ri01/id001/pi010/BA1023|AALM+ 01 DOOR"),
    ("runs of blanks under the CRC", "habit 19: INIM", b"Nri1BA503^a          b^"),
    ("a code that no table has", "habit 20", b"Nri1/QQ5"),
    ("nothing after the account", "a sound frame", b""),
)
_CONTACT_ID: Final = (
    ("new event", "worked example", b"1131 01 003"),
    ("restore", "worked example", b"3131 01 003"),
    ("status", "habit 20: Q is 6", b"6401 01 003"),
    ("no blanks", "habit 20", b"113101003"),
    ("full DC-05 with checksum", "habit 20: TEKNIM", b"18160201000D"),
    ("partition 99, zone 999", "habit 20: Trikdis", b"1130 99 999"),
    ("all zeros", "habit 20: Hikvision", b"0000 00 000"),
    ("a code that no table has", "habit 20", b"1999 01 003"),
)
_EXTENDED: Final = (
    ("coordinates, given twice", "habit 21", b"[X006E07.777][Y45N23.456][X006E07.778]"),
    ("address of a picture", "habits 21, 22: Reconeyez", b"[Vhttps://v.example/c/77?a=[1]]"),
    ("several addresses", "habit 22: Ajax", b"[Vhttps://v.example/1,https://v.example/2]"),
    ("MAC address and time of occurrence", "worked example", b"[M001122334455][H11:58:30,06-15-2026]"),
    ("site and room in UTF-8", "habit 21", "[SRua da Conceição][RSótão]".encode()),
    ("site and room in Windows-1252", "habit 21", "[SRua da Conceição][RSótão]".encode("cp1252")),
    ("a letter that no edition has", "habit 21", b"[Efree]"),
    ("J as JSON", "DC-09 2026", b'[J{"address":{"street":"R. [x]"},"n":[1,2]}]'),
    ("a path number and a category", "DC-09 2026", b"[G2][CDP]"),
    ("a key is asked for", "habit 21: K", b"[K]"),
)
#: The words that should be a time. Panels' clocks are as they are, and some resend an event with its old time.
_TIMES: Final = (
    ("local time, two hours ahead", "habit 16: Egardia", b"_14:00:00,06-15-2026"),
    ("the year 2000", "habit 16: TEKNIM", b"_00:01:00,01-01-2000"),
    ("the year 2014", "habit 16", b"_11:59:00,02-20-2014"),
    ("the year 2099", "habit 16", b"_11:59:00,02-20-2099"),
    ("month 00", "habit 16", b"_17:53:48,00-31-2019"),
    ("a time that does not exist", "habit 16", b"_99:99:99,99-99-9999"),
    ("no time", "DC-09: needless in clear", b""),
)
_UNREAD: Final = (b"SIA-PUL", b"ADM-41E", b"SCN-S8", b"VIS-BBA", b"FUTURE")


def cases(under_test: UnderTest) -> Iterator[Case]:
    """The cases of this subject."""
    yield from _link_tests(under_test)
    yield from _events(under_test)
    yield from _unread(under_test)


def _link_tests(under_test: UnderTest) -> Iterator[Case]:
    who = b"R0L0#" + under_test.number
    null = (
        ("link test", Basis.STANDARD, "DC-09: NULL", b"0000", b"[]_12:00:00,06-15-2026"),
        ("link test without a time", Basis.STANDARD, "habit 14", b"0000", b"[]"),
        ("link test in the running sequence", Basis.FIELD, "habit 14", b"0815", b"[]"),
        ("link test with a body", Basis.FIELD, "habit 14: Hikvision", b"0000", b"[#0000|0000 00 000]"),
        ("link test with extended data", Basis.FIELD, "habit 14", b"0000", b"[][M0026B9E4268B][CDP]"),
    )
    for name, basis, source, sequence, content in null:
        yield _case(name, basis, source, answered(sequence + who, content, token=b"NULL"))
    yield attrs.evolve(
        _case(
            "link test with extended data, XNM",
            Basis.STANDARD,
            "DC-09 2026",
            answered(b"2001" + who, b"[][G1]", token=b"XNM"),
        ),
        allowed=(_duh(b"2001" + who, "a receiver of an older edition"),),
    )


def _events(under_test: UnderTest) -> Iterator[Case]:
    number = under_test.number
    spellings = [("SIA-DCS", *row) for row in _SIA_DCS] + [("ADM-CID", *row) for row in _CONTACT_ID]
    for place, (token, name, source, block) in enumerate(spellings):
        header = b"%04dR0L0#%b" % (2100 + place, number)
        turn = answered(header, b"[#%b|%b]" % (number, block), token=token.encode("ascii"))
        unknown = name in {"a code that no table has", "nothing after the account"}
        yield attrs.evolve(
            _case(f"{token}: {name}", Basis.HOUSE if unknown else Basis.FIELD, source, turn),
            allowed=(_duh(header, "DC-09 lets a receiver refuse what it can't process"),) if unknown else (),
        )
    for place, (name, source, groups) in enumerate(_EXTENDED):
        header = b"%04dR0L0#%b" % (2200 + place, number)
        case = _case(
            f"extended data: {name}", Basis.STANDARD, source, answered(header, b"[#%b|Nri1/BA001]%b" % (number, groups))
        )
        rsp = Allowed((Said(Token.RSP, header),), "the request is answered")
        yield attrs.evolve(case, allowed=(rsp,)) if groups == b"[K]" else case
    for place, (name, source, stamp) in enumerate(_TIMES):
        turn = answered(b"%04dR0L0#%b" % (2300 + place, number), b"[#%b|Nri1/BA001]%b" % (number, stamp))
        yield _case(f"time: {name}", Basis.FIELD if stamp else Basis.STANDARD, source, turn)


def _unread(under_test: UnderTest) -> Iterator[Case]:
    number = under_test.number
    for place, token in enumerate(_UNREAD):
        header = b"%04dR0L0#%b" % (2400 + place, number)
        vis_ack = (Allowed((), "answered in the panel's own way"),) if token == b"VIS-BBA" else ()
        yield attrs.evolve(
            _case(
                f"a token that is seldom read: {token.decode()}",
                Basis.HOUSE,
                "what we can't read reaches a person",
                answered(header, b"[#%b|1 2 3]" % number, token=token),
            ),
            allowed=(_duh(header, "DC-09 lets a receiver refuse what it can't process"), *vis_ack),
        )
    unreadable = b"2410R0L0#%b" % number
    yield attrs.evolve(
        _case(
            "bytes that are no text",
            Basis.HOUSE,
            "what we can't read reaches a person",
            answered(unreadable, b"[\xff\0\x80]"),
        ),
        allowed=(_duh(unreadable, "DC-09 lets a receiver refuse what it can't process"),),
    )


def _duh(header: bytes, because: str) -> Allowed:
    return Allowed((Said(Token.DUH, header),), because)


def _case(name: str, basis: Basis, source: str, *turns: Turn) -> Case:
    return Case(subject="payload", name=name, basis=basis, source=source, turns=turns)
