"""Events as the JSON that is hashed: these very bytes, now and after every upgrade."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from station.action_plans import Outcome
from station.evidence import EvidenceKind
from station.facts import ContactFact, ContactRole, Facts
from station.incident_events import (
    HAPPENINGS,
    ClosedAs,
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
from station.plan_events import (
    Alert,
    Alerted,
    Broken,
    CancelBegan,
    CancelBroken,
    CancelStood,
    EffectKind,
    EffectMoved,
    EffectPlanned,
    EffectState,
    FactsChanged,
    Judged,
    Planned,
    Stepped,
    TimerDue,
    Why,
)
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import (
    AgencyMoved,
    Answered,
    Attached,
    Attempted,
    CallOutcome,
    Content,
    CounterShown,
    Detached,
    EvidenceNoted,
    GuardMoved,
    Heard,
    Line,
    MemberCounted,
    OnTestMarked,
    OutageConfirmed,
    Overridden,
    PasswordChecked,
    Reviewed,
    Seconded,
    TakenOver,
    TaskMade,
)
from station.signals import Kind

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
NOON_TEXT = "2026-06-15T12:00:00+00:00"
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
    # By the engine. What is as it usually is is left out.
    (
        "planned",
        Planned(plan="fire", version="v1", why=Why.OPENED, kind=Kind.FIRE, priority=1, facts=Facts(country="ES")),
        '{"facts":{"country":"ES"},"kind":"fire","plan":"fire","priority":1,"version":"v1","why":"opened"}',
    ),
    (
        "facts_changed",
        FactsChanged(Facts(contacts=(ContactFact(3, ContactRole.KEYHOLDER),), suspended=True)),
        '{"facts":{"contacts":[{"id":3,"role":"keyholder"}],"suspended":true}}',
    ),
    (
        "stepped",
        Stepped(step="call", outcome=Outcome.NO_ANSWER, contact=3, due_at=NOON, automatic=False),
        f'{{"automatic":false,"contact":3,"due_at":"{NOON_TEXT}","outcome":"no_answer","step":"call"}}',
    ),
    ("timer_due", TimerDue("effect:2"), '{"name":"effect:2"}'),
    (
        "judged",
        Judged(confirmed=True, ground=True, article="art. 7.1", method="sequential", signals=(4, 5, 6), level=None),
        '{"article":"art. 7.1","confirmed":true,"ground":true,"level":null,"method":"sequential","signals":[4,5,6]}',
    ),
    (
        "effect_planned",
        EffectPlanned(
            no=1,
            kind=EffectKind.SMS,
            template="power_failed",
            to="contact:3",
            urgent=False,
            not_before=None,
            due_at=NOON,
        ),
        f'{{"due_at":"{NOON_TEXT}","kind":"sms","no":1,"not_before":null,"template":"power_failed","to":"contact:3",'
        '"urgent":false}',
    ),
    ("effect_moved", EffectMoved(1, EffectState.UNKNOWN, "x"), '{"no":1,"state":"unknown","why":"x"}'),
    ("alerted", Alerted(Alert.HOLDER_IDLE, NOON), f'{{"next_at":"{NOON_TEXT}","what":"holder_idle"}}'),
    ("cancel_began", CancelBegan("2", 3, NOON), f'{{"contact":3,"until":"{NOON_TEXT}","user":"2"}}'),
    ("cancel_broken", CancelBroken(Broken.DURESS), '{"why":"duress"}'),
    ("cancel_stood", CancelStood(), "{}"),
    # By operators, guards and agencies.
    (
        "attempted",
        Attempted(3, Line.PLACED, CallOutcome.BUSY, None),
        '{"contact":3,"line":"placed","note":null,"outcome":"busy"}',
    ),
    (
        "password_checked",
        PasswordChecked(3, Line.PREMISES, Heard.NO_MATCH),
        '{"contact":3,"heard":"no_match","line":"premises"}',
    ),
    ("counter_shown", CounterShown(None, 20), '{"contact":null,"seconds":20}'),
    ("answered", Answered("ask", Outcome.REAL, None), '{"note":null,"outcome":"real","step":"ask"}'),
    ("evidence_noted", EvidenceNoted(EvidenceKind.VIDEO, CONTENT), '{"kind":"video","note":' + CONTENT_JSON + "}"),
    (
        "guard_moved",
        GuardMoved(
            no=1,
            guard=2,
            state=GuardState.REPORTED,
            position=Position.INSIDE,
            guards=2,
            report=Report.DAMAGE,
            billable=True,
            due_at=None,
            note=None,
        ),
        '{"billable":true,"due_at":null,"guard":2,"guards":2,"no":1,"note":null,"position":"inside","report":"damage",'
        '"state":"reported"}',
    ),
    (
        "agency_moved",
        AgencyMoved(
            no=1,
            service=Service.POLICE,
            agency=4,
            state=AgencyState.REJECTED,
            told=("place", "zones"),
            reason=CONTENT,
            reference=None,
            note=None,
            result="no unit",
        ),
        '{"agency":4,"no":1,"note":null,"reason":' + CONTENT_JSON + ',"reference":null,"result":"no unit",'
        '"service":"police","state":"rejected","told":["place","zones"]}',
    ),
    ("seconded", Seconded(None), '{"why":null}'),
    ("taken_over", TakenOver(9, CONTENT), '{"operator":9,"reason":' + CONTENT_JSON + "}"),
    ("task_made", TaskMade(12, "technician"), '{"task":12,"what":"technician"}'),
    ("reviewed", Reviewed(None), '{"note":null}'),
    ("overridden", Overridden("call", CONTENT), '{"reason":' + CONTENT_JSON + ',"step":"call"}'),
    # Mass outages and tests.
    ("attached", Attached(44), '{"parent":44}'),
    ("detached", Detached(), "{}"),
    ("member_counted", MemberCounted(30, 4, NOON), f'{{"last_at":"{NOON_TEXT}","members":30,"open":4}}'),
    ("outage_confirmed", OutageConfirmed(), "{}"),
    ("on_test_marked", OnTestMarked(5), '{"test":5}'),
]


@pytest.mark.parametrize(("name", "what", "body"), WRITTEN)
def test_an_event_is_written_so(name: str, what: Happening, body: str) -> None:
    assert (name_of(what), body_of(what)) == (name, body)


@pytest.mark.parametrize(("name", "what", "body"), WRITTEN)
def test_and_read_again(name: str, what: Happening, body: str) -> None:
    assert happening(name, body) == what


def test_every_event_is_among_them() -> None:
    assert {name for name, _, _ in WRITTEN} == set(HAPPENINGS)
