"""Events as the JSON that is hashed: these very bytes, now and after every upgrade."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from station.incident_events import (
    HAPPENINGS,
    ClosedAs,
    Content,
    Disposition,
    Effect,
    HandedOver,
    Happening,
    Held,
    HoldEnd,
    HoldEnded,
    Joined,
    LeaseExpired,
    Noted,
    Opened,
    TakenBy,
    body_of,
    happening,
    name_of,
)
from station.signals import Kind

CONTENT = Content(uuid.UUID("0f8fad5b-d9cb-469f-a165-70867728950e"), "ab" * 32)
CONTENT_JSON = '{"digest":"' + "ab" * 32 + '","id":"0f8fad5b-d9cb-469f-a165-70867728950e"}'

#: name, event, JSON written by hand: keys sorted, no blanks.
WRITTEN: list[tuple[str, Happening, str]] = [
    (
        "opened",
        Opened(
            signal=4294967297,
            digest="d1",
            account_id=7,
            account="00A1",
            kind=Kind.BURGLARY,
            priority=2,
            authenticated=None,
            point="003",
        ),
        '{"account":"00A1","account_id":7,"authenticated":null,"digest":"d1","kind":"burglary","point":"003","priority":2,'
        '"signal":4294967297}',
    ),
    (
        "opened",
        Opened(
            signal=1,
            digest="d1",
            account_id=None,
            account="ÑA",
            kind=Kind.UNKNOWN_ACCOUNT,
            priority=5,
            authenticated=False,
            point='"\\\n',
        ),
        '{"account":"ÑA","account_id":null,"authenticated":false,"digest":"d1","kind":"unknown_account","point":"\\"\\\\\\n",'
        '"priority":5,"signal":1}',
    ),
    (
        "joined",
        Joined(signal=9, digest="d2", point="", effect=Effect.RESTORE, priority=2, authenticated=True),
        '{"authenticated":true,"digest":"d2","effect":"restore","point":"","priority":2,"signal":9}',
    ),
    ("taken", TakenBy(7), '{"operator":7}'),
    ("noted", Noted(CONTENT), '{"note":' + CONTENT_JSON + "}"),
    ("handed_over", HandedOver(None), '{"to":null}'),
    ("handed_over", HandedOver(8), '{"to":8}'),
    (
        "held",
        Held(dt.datetime(2026, 6, 15, 12, 0, 0, 250_000, tzinfo=dt.UTC), None),
        '{"reason":null,"until":"2026-06-15T12:00:00.250000+00:00"}',
    ),
    ("hold_ended", HoldEnded(HoldEnd.NEW_ALARM), '{"why":"new_alarm"}'),
    ("lease_expired", LeaseExpired(7), '{"operator":7}'),
    ("closed", ClosedAs(Disposition.USER_ERROR, None), '{"disposition":"user_error","note":null}'),
    ("closed", ClosedAs(Disposition.REAL, CONTENT), '{"disposition":"real","note":' + CONTENT_JSON + "}"),
]


@pytest.mark.parametrize(("name", "what", "body"), WRITTEN)
def test_an_event_is_written_so(name: str, what: Happening, body: str) -> None:
    assert (name_of(what), body_of(what)) == (name, body)


@pytest.mark.parametrize(("name", "what", "body"), WRITTEN)
def test_and_read_again(name: str, what: Happening, body: str) -> None:
    assert happening(name, body) == what


def test_every_event_is_among_them() -> None:
    assert {name for name, _, _ in WRITTEN} == set(HAPPENINGS)
