"""An incident is the sum of its events: what may follow what, and what it leads to."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import IllegalTransition
from station.incident_events import (
    ClosedAs,
    Disposition,
    Effect,
    HandedOver,
    Happening,
    Held,
    HoldEnd,
    HoldEnded,
    IncidentEvent,
    Joined,
    LeaseExpired,
    Noted,
    Opened,
    TakenBy,
    body_of,
    happening,
    name_of,
)
from station.incidents import Closed, Incident, OnHold, State, Taken, Waiting, follow, opened
from station.response_events import Content
from station.signals import Kind

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(hours=1)
OPENED = Opened(
    signal=1, digest="d1", account_id=1, account="1234", kind=Kind.BURGLARY, priority=2, authenticated=None, point="001"
)
operators = st.integers(1, 3)
happenings: st.SearchStrategy[Happening] = st.one_of(
    st.builds(
        Joined,
        signal=st.integers(1, 2**40),
        digest=st.just("d"),
        point=st.sampled_from(["", "001", "002"]),
        effect=st.sampled_from(Effect),
        priority=st.integers(1, 5),
        authenticated=st.sampled_from([None, True, False]),
    ),
    st.builds(TakenBy, operators),
    st.builds(Noted, st.builds(Content, st.uuids(), st.just("ab" * 32))),
    st.builds(HandedOver, st.none() | operators),
    st.builds(Held, st.datetimes(timezones=st.just(dt.UTC)), st.none()),
    st.builds(HoldEnded, st.sampled_from(HoldEnd)),
    st.builds(LeaseExpired, operators),
    st.builds(ClosedAs, st.sampled_from(Disposition), st.none()),
)


def after(*whats: Happening) -> Incident:
    """The incident after these, each a minute after the one before."""
    first, *later = [
        IncidentEvent(n, NOON + dt.timedelta(minutes=n), "dispatcher", what) for n, what in enumerate(whats, start=1)
    ]
    incident = opened(first)
    for event in later:
        incident = follow(incident, event)
    return incident


def joined(effect: Effect, point: str = "002", *, priority: int = 2, authenticated: bool | None = None) -> Joined:
    return Joined(signal=2, digest="d2", point=point, effect=effect, priority=priority, authenticated=authenticated)


# State ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("whats", "state"),
    [
        ([], Waiting()),
        ([TakenBy(7)], Taken(7, 1)),
        ([TakenBy(7), HandedOver(8)], Taken(8, 2)),
        ([TakenBy(7), HandedOver(None)], Waiting()),
        ([TakenBy(7), HandedOver(None), TakenBy(7)], Taken(7, 2)),
        ([TakenBy(7), LeaseExpired(7)], Waiting()),
        ([TakenBy(7), Held(LATER, None)], OnHold(LATER)),
        ([TakenBy(7), Held(LATER, None), HoldEnded(HoldEnd.DUE)], Waiting()),
        ([TakenBy(7), Held(LATER, None), TakenBy(8)], Taken(8, 2)),
        ([TakenBy(7), Held(LATER, None), joined(Effect.RESTORE)], OnHold(LATER)),
        ([TakenBy(7), joined(Effect.ALARM)], Taken(7, 1)),
        ([TakenBy(7), ClosedAs(Disposition.TEST, None)], Closed(NOON + dt.timedelta(minutes=3), Disposition.TEST)),
    ],
)
def test_where_it_is(whats: list[Happening], state: State) -> None:
    assert after(OPENED, *whats).state == state


@pytest.mark.parametrize(
    ("whats", "what", "where"),
    [
        ([], Noted(Content(uuid.UUID(int=1), "")), "waiting"),
        ([], ClosedAs(Disposition.REAL, None), "waiting"),
        ([], Held(LATER, None), "waiting"),
        ([], HandedOver(None), "waiting"),
        ([], HoldEnded(HoldEnd.DUE), "waiting"),
        ([], LeaseExpired(7), "waiting"),
        ([], OPENED, "waiting"),
        ([TakenBy(7)], TakenBy(8), "taken"),
        ([TakenBy(7)], LeaseExpired(8), "taken"),
        ([TakenBy(7)], HoldEnded(HoldEnd.DUE), "taken"),
        ([TakenBy(7), Held(LATER, None)], ClosedAs(Disposition.REAL, None), "on_hold"),
        ([TakenBy(7), Held(LATER, None)], LeaseExpired(7), "on_hold"),
        ([TakenBy(7), ClosedAs(Disposition.REAL, None)], TakenBy(7), "closed"),
        ([TakenBy(7), ClosedAs(Disposition.REAL, None)], joined(Effect.ALARM), "closed"),
    ],
)
def test_what_cannot_happen_there(whats: list[Happening], what: Happening, where: str) -> None:
    with pytest.raises(IllegalTransition) as error:
        after(OPENED, *whats, what)
    assert (error.value.state, error.value.verb) == (where, name_of(what))


def test_it_begins_with_a_signal() -> None:
    with pytest.raises(IllegalTransition, match="taken"):
        opened(IncidentEvent(1, NOON, "operator:7", TakenBy(7)))


# What signals do to it -----------------------------------------------------------------------------------------------


def test_it_lasts_until_every_zone_is_restored() -> None:
    second: list[Happening] = [OPENED, joined(Effect.ALARM, "002")]
    assert after(*second).points == {"001", "002"}
    assert after(*second, joined(Effect.RESTORE, "001")).restored_at is None
    restored = after(*second, joined(Effect.RESTORE, "001"), joined(Effect.RESTORE, "002"))
    assert (restored.points, restored.restored_at) == (frozenset(), NOON + dt.timedelta(minutes=4))


def test_a_restore_that_names_no_zone_ends_them_all() -> None:
    restored = after(OPENED, joined(Effect.ALARM, "002"), joined(Effect.RESTORE, ""))
    assert (restored.points, restored.restored_at) == (frozenset(), NOON + dt.timedelta(minutes=3))


def test_a_new_alarm_undoes_the_restore() -> None:
    again = after(OPENED, joined(Effect.RESTORE, "001"), joined(Effect.ALARM, "001"))
    assert (again.points, again.restored_at) == (frozenset({"001"}), None)


def test_a_restore_closes_nothing() -> None:
    assert after(OPENED, joined(Effect.RESTORE, "")).state == Waiting()


def test_what_is_only_seen_beside_it_changes_neither_urgency_nor_zones() -> None:
    seen = after(OPENED, joined(Effect.CONTEXT, "002", priority=1, authenticated=False))
    assert (seen.priority, seen.points, seen.authenticated, seen.restored_at) == (2, frozenset({"001"}), None, None)


def test_a_panel_that_names_thousands_of_zones_is_restored_by_a_restore_of_all() -> None:
    alarms: list[Happening] = [OPENED, *(joined(Effect.ALARM, f"{zone:04}") for zone in range(2000))]
    restores = [joined(Effect.RESTORE, f"{zone:04}") for zone in range(2000)]

    assert len(after(*alarms).points) < 100
    assert after(*alarms, *restores).restored_at is None
    assert after(*alarms, joined(Effect.RESTORE, "")).restored_at is not None


def test_it_becomes_more_urgent_and_never_less() -> None:
    assert after(OPENED, joined(Effect.ALARM, priority=1)).priority == 1
    assert after(OPENED, joined(Effect.ALARM, priority=4)).priority == 2


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (None, None, None),
        (None, True, True),
        (True, True, True),
        (True, False, True),
        (False, True, True),
        (False, False, False),
    ],
)
def test_one_proven_alarm_proves_it(first: bool | None, second: bool | None, both: bool | None) -> None:
    """Nobody can discredit a real alarm by speaking in the panel's name afterwards."""
    incident = after(attrs.evolve(OPENED, authenticated=first), joined(Effect.ALARM, authenticated=second))
    assert incident.authenticated is both


def test_who_closes_must_have_seen_the_last_signal_not_the_last_note() -> None:
    note = Noted(Content(uuid.UUID(int=1), ""))
    incident = after(OPENED, TakenBy(7), joined(Effect.RESTORE), note)
    assert (incident.last_signal_n, incident.last_n) == (3, 4)


# Whatever happens ----------------------------------------------------------------------------------------------------


@given(st.lists(happenings, max_size=25))
def test_every_step_is_refused_or_leads_where_the_store_lets_it(whats: list[Happening]) -> None:
    incident = after(OPENED)
    for what in whats:
        event = IncidentEvent(incident.last_n + 1, NOON + dt.timedelta(minutes=incident.last_n), "dispatcher", what)
        try:
            following = follow(incident, event)
        except IllegalTransition:
            continue
        assert not isinstance(incident.state, Closed)
        assert following.last_n == incident.last_n + 1
        assert incident.last_signal_n <= following.last_signal_n <= following.last_n
        assert following.priority <= incident.priority
        assert following.signals == incident.signals + isinstance(what, Joined)
        assert (following.restored_at is None) == bool(following.points)
        new_holder = isinstance(what, TakenBy) or (isinstance(what, HandedOver) and what.to is not None)
        assert following.fence == incident.fence + new_holder
        if isinstance(following.state, Taken):
            assert following.state.fence == following.fence
        incident = following


@given(st.lists(happenings, max_size=25))
def test_replaying_what_was_stored_gives_the_same(whats: list[Happening]) -> None:
    incident = after(OPENED)
    stored = [("opened", body_of(OPENED))]
    for what in whats:
        event = IncidentEvent(incident.last_n + 1, NOON + dt.timedelta(minutes=incident.last_n + 1), "dispatcher", what)
        with contextlib.suppress(IllegalTransition):
            incident = follow(incident, event)
            stored.append((name_of(what), body_of(what)))

    assert after(*(happening(name, body) for name, body in stored)) == incident
