"""The emergency list as a person reads it."""

from __future__ import annotations

import datetime as dt

import attrs

from receiver.watch.listing import listing, unstored
from station.accounts import Contact
from station.languages import Language
from station.signals import Kind, Qualifier
from station.store.waiting import Report, WaitingAlarm
from tests.dispatcher.writers import a_signal

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
BURGLARY = WaitingAlarm(
    rank=2,
    kind=Kind.BURGLARY,
    account="1234",
    incident=None,
    since=NOON - dt.timedelta(minutes=4, seconds=10),
    restored_at=None,
    signals=12,
    authenticated=None,
    said=(
        Report(
            received_at=NOON - dt.timedelta(minutes=1),
            token="SIA-DCS",
            event_code="BA",
            area="1",
            zone="003",
            zone_name="Back door",
            text="porta",
        ),
    ),
    name="Farmácia Central",
    premises="pharmacy",
    address="Rua Augusta 12",
    city="Lisboa",
    country="PT",
    notes="dog",
    contacts=(Contact("Eva", "+34910000001", Language.ES), Contact("Rui", "+351210000002", Language.PT)),
)


def test_a_person_can_work_from_it() -> None:
    assert listing([BURGLARY], NOON).splitlines() == [
        "1 waiting, the most urgent first. 2026-06-15 12:00:00 UTC",
        "",
        "2  BURGLARY  account 1234  Farmácia Central",
        "   since 2026-06-15 11:55:50, 4 min 10 s  not seen by the dispatcher",
        "   pharmacy, Rua Augusta 12, Lisboa, PT",
        "   call +34910000001  Eva, es",
        "   call +351210000002  Rui, pt",
        "   notes: dog",
        '   2026-06-15 11:59:00  BA Burglary alarm area 1 zone 003 Back door "porta"',
        "   ... 12 signals in all",
        "",
    ]


def test_what_is_doubtful_or_over_is_marked() -> None:
    alarm = attrs.evolve(
        BURGLARY, account="9999", name="", incident=7, authenticated=False, restored_at=NOON, said=(), contacts=()
    )
    text = listing([alarm], NOON)
    assert "account 9999  (no name)" in text
    assert "incident 7  restored 2026-06-15 12:00:00  NOT AUTHENTICATED" in text


def test_a_matter_of_the_station_itself_has_no_account() -> None:
    alarm = attrs.evolve(BURGLARY, kind=Kind.STATION, account="link north", name="", said=(), contacts=())
    assert "2  STATION  link north\n" in listing([alarm], NOON)


def test_nothing_waits() -> None:
    assert listing([], NOON) == "No alarm waits. 2026-06-15 12:00:00 UTC\n"


def test_what_a_panel_sent_cannot_move_the_cursor() -> None:
    report = attrs.evolve(BURGLARY.said[0], text="\x1b[2J\x07nothing here\r\nNo alarm waits.")
    text = listing([attrs.evolve(BURGLARY, said=(report,))], NOON)
    assert "\x1b" not in text
    assert "\r" not in text
    assert "No alarm waits." not in text.splitlines()
    assert "nothing here" in text


def test_alarms_that_are_not_stored_yet_come_by_rank() -> None:
    signals = [
        a_signal(Kind.POWER, account="0001", received_at=NOON),
        a_signal(Kind.LINK_TEST, account="0002", received_at=NOON),
        a_signal(Kind.BURGLARY, Qualifier.RESTORE, account="0003", received_at=NOON),
        attrs.evolve(a_signal(account="0004", received_at=NOON), suppressed=True),
        attrs.evolve(a_signal(Kind.FIRE, account="0005", zone="7", received_at=NOON), event_code="FA", text="hall"),
    ]
    assert unstored(signals).splitlines() == [
        "2 came and can't be stored yet; no panel has an ACK for them:",
        "",
        "2026-06-15 12:00:00  FIRE  account 0005  FA area 1 zone 7 hall",
        "2026-06-15 12:00:00  POWER  account 0001  area 1 zone 001",
    ]
    assert unstored(signals[1:4]) == "No alarm has come since that could not be stored.\n"
