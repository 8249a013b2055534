"""The rule of replies: what is answered ACK, NAK or DUH, and what each of them is stored as."""

from __future__ import annotations

import datetime as dt

import pytest

from receiver.reading import PanelAccount
from station.signals import Authenticity, Kind, Reply
from tests.receiver.peers import encrypted, padded, sealed, stamp, unsealed, written
from tests.receiver.readings import KEY, NOW, account, only_signal, reading, token_of

ALARM = b'"SIA-DCS"0007L0#1234[#1234|Nri1/BA003]'
NULL = b'"NULL"0007L0#1234[]'


def sent(age_s: float, key: bytes = KEY, token: bytes = b"*SIA-DCS", data: bytes = b"#1234|Nri1/BA003") -> bytes:
    """An encrypted frame that is so old."""
    return encrypted(key, b'"' + token + b'"0007L0#1234', data, NOW - dt.timedelta(seconds=age_s))


@pytest.mark.parametrize("age_s", [-20, -1, 0, 1, 39, 40])
def test_inside_the_window_is_acknowledged(age_s: int) -> None:
    raw = encrypted(KEY, b'"*SIA-DCS"0007R0L0#1234', b"#1234|Nri1/BA003", NOW - dt.timedelta(seconds=age_s))

    result = reading(raw, account(KEY))

    assert token_of(result.reply) == b"*ACK"
    assert result.signals[0].authenticity is Authenticity.AUTHENTICATED


@pytest.mark.parametrize("age_s", [-86_400, -21, 41, 86_400])
def test_outside_the_window_is_stored_and_told_the_time(age_s: int) -> None:
    raw = encrypted(KEY, b'"*SIA-DCS"0007R0L0#1234', b"#1234|Nri1/BA003", NOW - dt.timedelta(seconds=age_s))

    result = reading(raw, account(KEY))

    assert result.reply == written(b'"NAK"0000R0L0A0[]_12:00:00,06-15-2026')
    (signal,) = result.signals
    assert (signal.authenticity, signal.reply) == (Authenticity.OUTSIDE_WINDOW, Reply.NAK)
    assert (signal.kind, signal.event_code, signal.zone) == (Kind.BURGLARY, "BA", "003")
    assert signal.authenticity.authenticated is False


@pytest.mark.parametrize(("age_s", "token"), [(90, b"*ACK"), (91, b"NAK"), (-60, b"*ACK"), (-61, b"NAK")])
def test_the_window_is_the_accounts_own(age_s: int, token: bytes) -> None:
    raw = encrypted(KEY, b'"*NULL"0000L0#1234', b"", NOW - dt.timedelta(seconds=age_s))

    assert token_of(reading(raw, account(KEY, past_s=90, future_s=60)).reply) == token


@pytest.mark.parametrize("impossible", [b"_12:00:00,00-15-2026", b"_25:00:00,06-15-2026"])
def test_an_encrypted_frame_with_an_impossible_time_is_told_the_time(impossible: bytes) -> None:
    raw = written(b'"*NULL"0000L0#1234[' + sealed(KEY, padded(b"]" + impossible)))

    assert token_of(reading(raw, account(KEY)).reply) == b"NAK"


def test_encrypted_and_we_have_no_key() -> None:
    raw = encrypted(KEY, b'"*SIA-DCS"0007R0L0#1234', b"#1234|Nri1/BA003", NOW)

    for of in (account(), None):
        result = reading(raw, of)

        assert result.reply == written(b'"DUH"0007R0L0#1234[]')
        (signal,) = result.signals
        assert (signal.authenticity, signal.reply) == (Authenticity.NO_KEY, Reply.DUH)
        assert (signal.kind, signal.account, signal.raw) == (Kind.UNREADABLE, "1234", raw)


def test_encrypted_with_another_key() -> None:
    raw = encrypted(bytes(16), b'"*SIA-DCS"0007L0#1234', b"#1234|Nri1/BA003", NOW)

    result = reading(raw, account(KEY))

    assert result.reply == written(b'"DUH"0007L0#1234[]')
    (signal,) = result.signals
    assert (signal.authenticity, signal.kind) == (Authenticity.WRONG_KEY, Kind.UNREADABLE)


@pytest.mark.parametrize("cipher_text", [b"", b"zz", b"00", b"00" * 15, b"]", b"#1234|Nri1/BA003]"])
def test_encrypted_and_no_cipher_text_at_all(cipher_text: bytes) -> None:
    raw = written(b'"*SIA-DCS"0007L0#1234[' + cipher_text)

    result = reading(raw, account(KEY))

    assert token_of(result.reply) == b"DUH"
    assert result.signals[0].authenticity.authenticated is False


def test_clear_text_on_an_account_with_a_key() -> None:
    raw = written(b'"ADM-CID"0001R0L0#1234[#1234|1131 01 003]')

    result = reading(raw, account(KEY))

    assert result.reply == written(b'"DUH"0001R0L0#1234[]')
    (signal,) = result.signals
    assert (signal.authenticity, signal.reply) == (Authenticity.CLEAR_TEXT, Reply.DUH)
    assert (signal.kind, signal.event_code) == (Kind.BURGLARY, "131")
    assert signal.authenticity.authenticated is False


# The account's own settings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("age_s", [41, -21, 86_400 * 3650])
def test_a_window_that_is_only_observed_is_marked_and_acknowledged(age_s: int) -> None:
    result = reading(sent(age_s), account(KEY, observe_window=True))

    head, _, cipher_text = result.reply[:-1].partition(b"[")
    assert head[9:] == b'"*ACK"0007L0#1234'
    assert unsealed(KEY, cipher_text).endswith(b"]" + stamp(NOW))
    (signal,) = result.signals
    assert (signal.authenticity, signal.reply, result.alive) == (Authenticity.OUTSIDE_WINDOW, Reply.ACK, True)
    assert signal.zone == "003"


def test_an_observed_window_opens_no_door_to_others() -> None:
    ours = account(KEY, observe_window=True)

    assert reading(sent(0, key=bytes(16)), ours).said is Reply.DUH
    assert reading(written(ALARM), ours).said is Reply.DUH


@pytest.mark.parametrize(
    ("raw", "key", "proof"),
    [
        (written(ALARM), KEY, Authenticity.CLEAR_TEXT),
        (sent(0, key=bytes(16)), KEY, Authenticity.WRONG_KEY),
        (sent(0), None, Authenticity.NO_KEY),
    ],
    ids=["clear text", "wrong key", "no key yet"],
)
def test_while_a_key_is_being_enrolled_all_is_acknowledged_and_nothing_is_proven(
    raw: bytes, key: bytes | None, proof: Authenticity
) -> None:
    result = reading(raw, account(key, enrolling=True))

    # In clear text: whoever holds another key could not read it otherwise, and a wrong key must encrypt nothing.
    assert result.reply == written(b'"ACK"0007L0#1234[]')
    (signal,) = result.signals
    assert (signal.authenticity, signal.reply, result.alive) == (proof, Reply.ACK, False)
    assert signal.authenticity.authenticated is False
    assert reading(raw, account(key)).said is Reply.DUH


def test_what_a_wrong_key_makes_of_a_frame_is_never_read() -> None:
    signal = only_signal(sent(0, key=bytes(16)), account(KEY, enrolling=True))

    assert (signal.kind, signal.event_code, signal.zone) == (Kind.UNREADABLE, None, None)


def test_enrolling_changes_nothing_for_a_panel_that_has_its_key() -> None:
    ours = account(KEY, enrolling=True)

    assert (reading(sent(0), ours).said, reading(sent(0), ours).alive) == (Reply.ACK, True)
    assert reading(sent(41), ours).said is Reply.NAK


@pytest.mark.parametrize("age_s", [41, -3600])
def test_while_our_own_clock_is_not_known_to_be_right_nobody_is_told_the_time(age_s: int) -> None:
    result = reading(sent(age_s), account(KEY), clock_right=False)

    assert token_of(result.reply) == b"*ACK"
    assert result.signals[0].authenticity is Authenticity.OUTSIDE_WINDOW
    assert token_of(reading(sent(age_s), account(KEY)).reply) == b"NAK"


# Signs of life -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "of"),
    [
        (written(NULL), account()),
        (written(NULL + b"_12:00:00,06-15-2014"), account()),
        (sent(0, token=b"*NULL", data=b""), account(KEY)),
        (sent(40, token=b"*NULL", data=b""), account(KEY)),
        (sent(0, token=b"*NULL", data=b""), account(KEY, enrolling=True)),
        # Its key opens it; that the time fits nobody asks.
        (sent(41, token=b"*NULL", data=b""), account(KEY, observe_window=True)),
    ],
)
def test_a_link_test_that_is_not_in_doubt_is_no_signal(raw: bytes, of: PanelAccount) -> None:
    result = reading(raw, of)

    assert (result.signals, result.alive, result.said) == ([], True, Reply.ACK)


@pytest.mark.parametrize(
    ("raw", "of", "proof"),
    [
        (written(NULL), None, Authenticity.UNPROVEN),
        (written(NULL), account(KEY), Authenticity.CLEAR_TEXT),
        (written(NULL), account(KEY, enrolling=True), Authenticity.CLEAR_TEXT),
        (sent(0, token=b"*NULL", data=b""), account(), Authenticity.NO_KEY),
        (sent(0, token=b"*NULL", data=b""), None, Authenticity.NO_KEY),
        (sent(0, key=bytes(16), token=b"*NULL", data=b""), account(KEY), Authenticity.WRONG_KEY),
        (sent(41, token=b"*NULL", data=b""), account(KEY), Authenticity.OUTSIDE_WINDOW),
    ],
)
def test_a_link_test_that_is_in_doubt_is_a_signal_and_no_sign_of_life(
    raw: bytes, of: PanelAccount | None, proof: Authenticity
) -> None:
    result = reading(raw, of)

    assert [(signal.kind, signal.authenticity) for signal in result.signals] == [(Kind.LINK_TEST, proof)]
    assert not result.alive


def test_every_frame_that_is_not_in_doubt_is_a_sign_of_life() -> None:
    assert reading(written(ALARM), account()).alive
    assert reading(written(b'"SIA-DCS"0007L0#1234[???]'), account()).alive
    assert reading(sent(0), account(KEY)).alive
    assert not reading(written(ALARM), account(KEY)).alive
    assert not reading(written(ALARM)).alive


def test_the_time_and_the_path_of_a_frame() -> None:
    head, at = b'"*XNM"0007L0#1234', NOW - dt.timedelta(seconds=3)
    raw = written(head + b"[" + sealed(KEY, padded(b"][CCDP][G2]" + stamp(at))))

    result = reading(raw, account(KEY))

    assert (result.sent_at, result.network_path) == (at, "2")
    assert reading(raw, account(bytes(16))).sent_at is None
    assert reading(raw, account(bytes(16))).network_path is None
