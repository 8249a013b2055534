"""Heads: what is signed, and what a sequence of them proves."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Sequence

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from station.chain import Altered
from station.heads import (
    Expected,
    Head,
    Mark,
    check_signature,
    file_name,
    file_text,
    follow,
    hash_of,
    read,
    sign,
    text_of,
)

AT = dt.datetime(2026, 3, 1, 8, 0, 0, 123457, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 1)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
A = "00000000000000aa"
B = "00000000000000bb"

FIRST = Head(
    number=1,
    at=AT,
    restored_at=None,
    previous="",
    incidents=2,
    last_incident=2,
    digest="d1",
    changed=[(1, 4, A), (2, 1, B)],
    gone=[],
    audit_n=3,
    audit_hash="a3",
    signals=7,
    first_signal_at=AT,
    last_signal_at=AT,
    days={DAY: 7},
)


def after(head: Head, **changes: object) -> Head:
    """The head an hour later, in which nothing happened but `changes`."""
    quiet = attrs.evolve(
        head, number=head.number + 1, at=head.at + dt.timedelta(hours=1), previous=hash_of(head), changed=[], days={}
    )
    return attrs.evolve(quiet, **changes)  # type: ignore[arg-type]  # one type for all of them


def followed(heads: Sequence[Head]) -> Expected:
    return follow([sign(head, KEY) for head in heads], KEY.public_key())


def test_the_signed_text_is_json_in_one_form() -> None:
    assert text_of(FIRST) == (
        '{"at":"2026-03-01T08:00:00.123457+00:00","audit_hash":"a3","audit_n":3,'
        '"changed":["1 4 00000000000000aa","2 1 00000000000000bb"],"days":{"2026-03-01":7},"digest":"d1",'
        '"first_signal_at":"2026-03-01T08:00:00.123457+00:00","gone":[],"incidents":2,"last_incident":2,'
        '"last_signal_at":"2026-03-01T08:00:00.123457+00:00","number":1,"previous":"","restored_at":null,"signals":7}'
    )
    assert hash_of(FIRST) == hashlib.sha256(text_of(FIRST).encode()).hexdigest()


def test_whoever_has_the_public_key_can_check_a_file_without_our_program() -> None:
    found = json.loads(file_text(sign(FIRST, KEY)))
    said = json.dumps(found["head"], sort_keys=True, separators=(",", ":"))
    KEY.public_key().verify(base64.b64decode(found["signature"]), said.encode())


def test_names_of_files_sort_by_number() -> None:
    assert file_name(FIRST) == "head-00000001-20260301T080000Z.json"
    assert file_name(attrs.evolve(FIRST, number=10)) > file_name(attrs.evolve(FIRST, number=9))


INSTANTS = st.datetimes(min_value=dt.datetime(1970, 1, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001 (the zone follows)
HEX = st.binary(min_size=8, max_size=8).map(bytes.hex)
COUNTS = st.integers(0, 2**63 - 1)
HEADS = st.builds(
    Head,
    number=COUNTS,
    at=INSTANTS,
    restored_at=st.none() | INSTANTS,
    previous=HEX,
    incidents=COUNTS,
    last_incident=COUNTS,
    digest=HEX,
    changed=st.lists(st.tuples(COUNTS, COUNTS, HEX), max_size=5),
    gone=st.lists(COUNTS, max_size=5),
    audit_n=COUNTS,
    audit_hash=HEX,
    signals=COUNTS,
    first_signal_at=st.none() | INSTANTS,
    last_signal_at=st.none() | INSTANTS,
    days=st.dictionaries(st.dates(), COUNTS, max_size=5),
)


@given(HEADS)
def test_a_file_gives_back_what_was_signed(head: Head) -> None:
    found = read(file_text(sign(head, KEY)))
    check_signature(found, KEY.public_key())
    assert found.head == head


@given(place=st.integers(0, len(file_text(sign(FIRST, KEY))) - 1), character=st.characters(codec="ascii"))
def test_no_character_of_a_file_can_be_changed_unseen(place: int, character: str) -> None:
    text = file_text(sign(FIRST, KEY))
    changed = text[:place] + character + text[place + 1 :]
    try:
        found = read(changed)
        check_signature(found, KEY.public_key())
    except (ValueError, Altered):
        return
    assert found.head == FIRST


@given(st.text())
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no head"):
        read(text)


def test_a_sequence_adds_up_to_all_that_was_ever_seen() -> None:
    second = after(FIRST, changed=[(2, 3, A), (5, 1, B)], incidents=3, days={DAY: 9, dt.date(2026, 3, 2): 1})
    third = after(second, changed=[(5, 2, A)], days={dt.date(2026, 3, 2): 4})
    expected = followed([FIRST, second, third])
    assert expected.incidents == {1: Mark(4, A, 1), 2: Mark(3, A, 2), 5: Mark(2, A, 3)}
    assert expected.days == {DAY: 9, dt.date(2026, 3, 2): 4}
    assert (expected.last, expected.complete) == (third, True)
    assert followed([second, third]).complete is False
    assert followed([FIRST, FIRST, second, third]).incidents == expected.incidents


SECOND = after(FIRST)


@pytest.mark.parametrize(
    ("heads", "named"),
    [
        ([FIRST, after(SECOND)], "head 2: it is missing"),
        ([FIRST, attrs.evolve(FIRST, signals=8)], "head 1: there are two of them"),
        ([FIRST, after(attrs.evolve(FIRST, signals=8))], "head 2: it does not follow head 1"),
        ([attrs.evolve(FIRST, previous="00")], "head 1: it does not begin the chain of heads"),
        ([FIRST, after(FIRST, gone=[1])], "incident 1: it was missing at head 2; head 1 saw it with 4 events"),
        (
            [FIRST, SECOND, after(SECOND, changed=[(1, 3, A)])],
            "incident 1: at head 3 it was not the one that head 1 saw with 4 events",
        ),
        (
            [FIRST, after(FIRST, changed=[(1, 4, B)])],
            "incident 1: at head 2 it was not the one that head 1 saw with 4 events",
        ),
        ([FIRST, after(FIRST, audit_n=2)], "audit row 3: it was missing at head 2; head 1 saw it"),
        ([FIRST, after(FIRST, audit_hash="ff")], "audit row 3: at head 2 it was not the one that head 1 saw"),
        ([FIRST, after(FIRST, days={DAY: 6})], "signals of 2026-03-01: 6 at head 2, and 7 before"),
    ],
)
def test_what_contradicts_an_earlier_head_is_named(heads: Sequence[Head], named: str) -> None:
    with pytest.raises(Altered) as found:
        followed(heads)
    assert str(found.value) == named


def test_a_head_signed_by_another_key_is_refused() -> None:
    foreign = sign(FIRST, Ed25519PrivateKey.generate())
    with pytest.raises(Altered, match="head 1: its signature is not that of this station's key"):
        follow([foreign], KEY.public_key())


def test_after_a_restore_less_is_no_wonder() -> None:
    restored = after(
        FIRST, restored_at=AT + dt.timedelta(minutes=30), gone=[2], changed=[(1, 3, B)], audit_n=1, days={DAY: 2}
    )
    expected = followed([FIRST, restored])
    assert expected.incidents == {1: Mark(3, B, 2)}
    assert expected.days == {DAY: 2}
    with pytest.raises(Altered, match="incident 1: it was missing at head 3"):
        followed([FIRST, restored, after(restored, gone=[1])])
