"""Sequence, R, L and account as panels write them; a reply echoes them byte for byte (DC-09 5.5.1)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

from simulators.conformance.cases import Allowed, Basis, Case, Said, Token, Turn, UnderTest, answered, framed

#: What, where from, the account, the header as sent. All are link tests.
_HEADERS: Final = (
    ("R and L", "worked example", b"1234", b"0000R0L0#1234"),
    ("no R", "habit 15: Pyronix Enforcer", b"1409", b"0000L0#1409"),
    ("L without digits", "habit 11: G90", b"7303658550", b"0001L#7303658550"),
    ("no L at all", "habit 11: Tellmon", b"1997", b"0001#1997"),
    ("R and L of two digits", "habit 11", b"1234", b"0007R15L01#1234"),
    ("L of several zeros", "habit 11: PROSEC", b"0809", b"0000R0L000#0809"),
    ("R and L of six digits", "habit 11", b"1234", b"0008R000001L010000#1234"),
    ("R and L in lower case", "habit 4", b"080027E62A64", b"0000Rc0ffdL12ab#080027E62A64"),
    ("R, L and account are one number", "habit 11: ELDES", b"4F39", b"0230R4F39L4F39#4F39"),
    ("account with leading zeros", "habit 12: Sigma S PRO 32", b"008312", b"0000R0L0#008312"),
    ("account of three zeros", "habit 12: Ajax", b"000", b"0000R0L0#000"),
    ("account of one digit", "habit 12: Ajax", b"1", b"0000R0L0#1"),
    ("account of ten digits", "habit 12: G90", b"7303658550", b"0002R0L0#7303658550"),
    ("account is a MAC address", "habit 12", b"080027E62A64", b"0003R0L0#080027E62A64"),
    ("account of sixteen digits", "DC-09: up to 16", b"0123456789ABCDEF", b"0004R0L0#0123456789ABCDEF"),
    ("account in lower-case hex", "habit 12", b"AA1234", b"0005R0L0#aa1234"),
    ("account that is not hex", "habit 12: Focus FC-7688", b"foc7688", b"0006R0L0#foc7688"),
    ("sequence 9999", "DC-09: 0001 to 9999", b"1234", b"9999R0L0#1234"),
    ("sequence with a letter", "habit 13: dc09-spt", b"1234", b"000CR0L0#1234"),
)  # fmt: skip
_STANDARD: Final = frozenset(
    {"R and L", "no R", "R and L of two digits", "R and L of six digits", "account with leading zeros",
     "account of three zeros", "account of ten digits", "account is a MAC address", "account of sixteen digits",
     "sequence 9999"}
)  # fmt: skip


def cases(under_test: UnderTest) -> Iterator[Case]:
    """The cases of this subject."""
    for name, source, account, header in _HEADERS:
        basis = Basis.STANDARD if name in _STANDARD else Basis.FIELD
        yield attrs.evolve(
            _case(name, basis, source, answered(header, b"[]", token=b"NULL")), account=account.decode("ascii")
        )
    yield from _accounts_elsewhere(under_test)
    yield from _sequences(under_test)


def _accounts_elsewhere(under_test: UnderTest) -> Iterator[Case]:
    only_in_data = answered(b"0007R0073L0011", b"[#001365|NUA021*'detector hall'NM]")
    yield attrs.evolve(
        _case("account only in the data", Basis.FIELD, "habit 12: Aritech", only_in_data),
        account="001365",
        allowed=(
            Allowed((Said(Token.ACK, b"0007R0073L0011#001365"),), "the account named where the panel left it out"),
        ),
    )
    yield attrs.evolve(
        _case(
            "another account in the data",
            Basis.FIELD,
            "habit 12: SATEL; the header's counts",
            answered(b"0008R0L0#ABCD", b"[#0000|Npi0/AT]"),
        ),
        account="ABCD",
    )
    yield attrs.evolve(
        _case("account in the data without its #", Basis.FIELD, "habit 12", answered(b"0009R0L0#3044", b"[3044|NOP1]")),
        account="3044",
    )
    yield attrs.evolve(
        _case("neither sequence nor account", Basis.HOUSE, "a sound frame is acknowledged", _bare()),
        allowed=(
            Allowed((), "the header is not one of DC-09"),
            Allowed((Said(Token.DUH, b""),), "the header is not one of DC-09"),
        ),
    )
    unknown = answered(b"0010R0L0#0BADACC0", b"[#0BADACC0|Nri1/BA001]")
    yield attrs.evolve(
        _case("an account that nobody knows", Basis.HOUSE, "an alarm of an unknown panel is an alarm", unknown),
        account="",
        allowed=(
            Allowed((), "the choice is the receiver's"),
            Allowed((Said(Token.DUH, b"0010R0L0#0BADACC0"),), "the choice is the receiver's"),
            Allowed((Said(Token.NAK, None),), "the choice is the receiver's"),
        ),
    )


def _bare() -> Turn:
    return Turn((framed(b'"NULL"[]'),), (Said(Token.ACK, b""),))


def _sequences(under_test: UnderTest) -> Iterator[Case]:
    number = under_test.number
    first = answered(b"0001R0L0#%b" % number, b"[#%b|Nri1/BA001]" % number)
    other = answered(b"0001R0L0#%b" % number, b"[#%b|Nri1/BA002]" % number)
    yield _case("sequence always 0001, other content", Basis.FIELD, "habit 13: G90", first, other)
    yield _case("the same frame again", Basis.STANDARD, "DC-09: a retransmission keeps its number", first, first, first)
    zero = answered(b"0000R0L0#%b" % number, b"[#%b|Nti19:44/id1/RP]" % number)
    yield _case("an event with sequence 0000", Basis.FIELD, "habit 13: Scantronic", zero)
    backwards = (answered(b"%04dR0L0#%b" % (n, number), b"[]", token=b"NULL") for n in (500, 499, 9999, 1))
    yield _case("sequences in no order", Basis.STANDARD, "DC-09: the receiver echoes, it does not check", *backwards)


def _case(name: str, basis: Basis, source: str, *turns: Turn) -> Case:
    return Case(subject="header", name=name, basis=basis, source=source, turns=turns)
