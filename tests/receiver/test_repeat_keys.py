"""Which frames are copies of one another, as far as their keys say it."""

from __future__ import annotations

import datetime as dt

import pytest

from receiver.reading import PanelAccount
from station.signals import Authenticity, Reply
from tests.receiver.peers import encrypted, padded, sealed, stamp, written
from tests.receiver.readings import KEY, NOW, account, only_signal, reading


def at(seconds: float) -> dt.datetime:
    return NOW + dt.timedelta(seconds=seconds)


def sent(data: bytes, when: dt.datetime, groups: bytes = b"") -> bytes:
    """An encrypted frame with the sequence 0007."""
    plain = padded(data + b"]" + groups + stamp(when))
    return written(b'"*SIA-DCS"0007L0#1[' + sealed(KEY, plain))


def key_of(raw: bytes, of: PanelAccount, now: dt.datetime = NOW) -> bytes | None:
    return only_signal(raw, of, now).repeat_key


def test_copies_are_known_by_their_key_and_other_events_are_not_taken_for_copies() -> None:
    def key(body: bytes, of: PanelAccount | None = None) -> bytes | None:
        return only_signal(written(body), of).repeat_key

    first = key(b'"ADM-CID"0001L0#1[#1|1130 01 005]', account())

    assert first == key(b'"ADM-CID"0001L0#1[#1|1130 01 005]', account())
    others = [
        key(b'"ADM-CID"0002L0#1[#1|1130 01 005]', account()),
        key(b'"ADM-CID"0001L0#1[#1|1130 01 006]', account()),
        key(b'"ADM-CID"0001L0#2[#1|1130 01 005]'),
    ]
    assert first not in others
    assert key(b'"NULL"0001L0#1[]') is None


def test_who_proves_nothing_makes_no_copy_of_the_panels_own_report() -> None:
    body = b'"SIA-DCS"0007L0#1[#1|NBA3]' + stamp(NOW)
    forged, real = only_signal(written(body), account(KEY)), only_signal(written(body), account())

    assert (forged.reply, real.reply) == (Reply.DUH, Reply.ACK)
    assert forged.repeat_key != real.repeat_key


def test_a_second_encryption_of_the_same_event_is_a_copy() -> None:
    def raw(least: int) -> bytes:
        return written(b'"*SIA-DCS"0007L0#1[' + sealed(KEY, padded(b"#1|NBA3]" + stamp(NOW), least)))

    one, two = only_signal(raw(5), account(KEY)), only_signal(raw(25), account(KEY))

    assert one.raw != two.raw
    assert one.repeat_key == two.repeat_key


def test_a_panel_that_was_told_the_time_sends_again_and_is_acted_upon_once_more() -> None:
    """It joins the incident that the NAKed frame opened: same account, same kind. See also the stories."""
    late = only_signal(sent(b"#1|NBA3", at(-3600)), account(KEY))
    later = only_signal(sent(b"#1|NBA3", at(-3580)), account(KEY), at(20))
    corrected = only_signal(sent(b"#1|NBA3", at(25)), account(KEY), at(25))
    again = only_signal(sent(b"#1|NBA3", at(45)), account(KEY), at(45))

    assert [late.reply, later.reply, corrected.reply, again.reply] == [Reply.NAK, Reply.NAK, Reply.ACK, Reply.ACK]
    # What is NAKed again and again is one report in doubt; the proven one is not swallowed by it, and comes once.
    assert late.repeat_key == later.repeat_key
    assert corrected.repeat_key == again.repeat_key
    assert late.repeat_key != corrected.repeat_key
    assert (late.account_id, late.kind, late.zone) == (corrected.account_id, corrected.kind, corrected.zone)


@pytest.mark.parametrize("other", [b"#1|NBA4", b"#1|NBR3", b"#1|Nri2/BA3"])
def test_other_content_under_the_same_number_is_no_copy(other: bytes) -> None:
    assert key_of(sent(b"#1|NBA3", NOW), account(KEY)) != key_of(sent(other, NOW), account(KEY))


def test_of_clear_frames_only_the_time_tells_two_events_apart() -> None:
    def key(when: dt.datetime) -> bytes | None:
        return key_of(written(b'"SIA-DCS"0001L#1[#1|NBA3]' + stamp(when)), account())

    assert key(NOW) == key(NOW)
    assert key(NOW) != key(at(1))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (b"[G1]", b"[G2]"),
        (b"[J1]", b"[J2]"),
        (b"[N0A000001]", b"[N0A000002]"),
        (b"[M0026b9e4268b][G1][IHall]", b"[M0026b9e4268b][G2][IHall]"),
        (b"[G1]", b""),
        (b"", b"[J2]"),
    ],
)
def test_the_same_event_by_a_second_path_is_a_copy(one: bytes, two: bytes) -> None:
    def clear(groups: bytes) -> bytes:
        return written(b'"SIA-DCS"0007L0#1[#1|NBA3]' + groups + stamp(NOW))

    assert key_of(sent(b"#1|NBA3", NOW, one), account(KEY)) == key_of(sent(b"#1|NBA3", at(9), two), account(KEY), at(9))
    assert key_of(clear(one), account()) == key_of(clear(two), account())


@pytest.mark.parametrize(("one", "two"), [(b'[J{"a":1}]', b'[J{"a":2}]'), (b"[IHall]", b"[IRoof]"), (b"[H1]", b"[H2]")])
def test_extended_data_that_tells_of_the_event_makes_another_event(one: bytes, two: bytes) -> None:
    assert key_of(sent(b"#1|NBA3", NOW, one), account(KEY)) != key_of(sent(b"#1|NBA3", NOW, two), account(KEY))


def test_each_way_of_being_in_doubt_has_its_own_copies() -> None:
    """What anybody can send in clear must not make a copy of what at least the key was needed for."""
    recorded = only_signal(sent(b"#1|NBA3", at(-3600)), account(KEY))
    forged = only_signal(written(b'"SIA-DCS"0007L0#1[#1|NBA3]'), account(KEY))
    stamped = only_signal(written(b'"SIA-DCS"0007L0#1[#1|NBA3]' + stamp(at(-3600))), account(KEY))

    assert (recorded.authenticity, forged.authenticity) == (Authenticity.OUTSIDE_WINDOW, Authenticity.CLEAR_TEXT)
    assert len({recorded.repeat_key, forged.repeat_key, stamped.repeat_key}) == 3


def test_a_sequence_that_begins_like_another_account_makes_no_copy() -> None:
    one = written(b'"SIA-DCS"0001#12[|NBA3]')
    two = written(b'"SIA-DCS"0001#1[2|NBA3]')

    assert only_signal(one).repeat_key != only_signal(two).repeat_key


def test_each_event_of_a_frame_has_its_own_key() -> None:
    raw = encrypted(KEY, b'"*SIA-DCS"0004L0#1', b"#1|Nri1/BA3/BA3/BA3", NOW)

    assert len({signal.repeat_key for signal in reading(raw, account(KEY)).signals}) == 3
