"""What a signal does, case by case: by hand, from the rules of correlation and of replies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from dispatcher.correlation import Decision, Join, LogOnly, Open, decide
from station.incident_events import Effect
from station.incidents import Incident, Waiting, matter
from station.signals import Authenticity, Kind, Qualifier, StoredSignal

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
NOT_PROVEN = (Authenticity.CLEAR_TEXT, Authenticity.NO_KEY, Authenticity.WRONG_KEY, Authenticity.OUTSIDE_WINDOW)
ALARMS = {
    Kind.FIRE: 1,
    Kind.MEDICAL: 1,
    Kind.PANIC_HOLDUP: 1,
    Kind.GAS_CO: 1,
    Kind.BURGLARY: 2,
    Kind.UNTYPED: 2,
    Kind.UNREADABLE: 2,
    Kind.TAMPER: 3,
    Kind.TECHNICAL: 3,
    Kind.SUPERVISORY: 3,
    Kind.UNKNOWN_CODE: 3,
    Kind.TROUBLE: 4,
    Kind.POWER: 4,
    Kind.COMMS: 4,
}
FOR_THE_RECORD = (Kind.TEST, Kind.LINK_TEST, Kind.SYSTEM, Kind.MISC)


def came(
    kind: Kind = Kind.BURGLARY,
    qualifier: Qualifier = Qualifier.NEW,
    *,
    authenticity: Authenticity = Authenticity.UNPROVEN,
    account_id: int | None = 1,
    old: bool = False,
) -> StoredSignal:
    return StoredSignal(
        raw=b"d",
        id=1,
        received_at=NOON,
        account_id=account_id,
        account="1234",
        kind=kind,
        qualifier=qualifier,
        zone="001",
        authenticity=authenticity,
        old=old,
        repeat_key=None,
    )


def standing(kind: Kind, priority: int = 2, minutes_ago: float = 1) -> Incident:
    return Incident(
        account_id=1,
        account="1234",
        matter=matter(kind),
        kind=kind,
        priority=priority,
        authenticated=None,
        state=Waiting(),
        opened_at=NOON - dt.timedelta(minutes=minutes_ago),
        points=frozenset({"001"}),
        restored_at=None,
        fence=0,
        last_n=1,
        last_signal_n=1,
        signals=1,
    )


def decided(signal: StoredSignal, incidents: Mapping[int, Incident] | None = None, *, told: bool = False) -> Decision:
    return decide(signal, incidents or {}, told_lately=told)


@pytest.mark.parametrize(("kind", "priority"), ALARMS.items())
@pytest.mark.parametrize("qualifier", [Qualifier.NEW, Qualifier.STATUS])
def test_an_alarm_opens_an_incident(kind: Kind, priority: int, qualifier: Qualifier) -> None:
    assert decided(came(kind, qualifier)) == Open(kind, priority)


@pytest.mark.parametrize(("kind", "priority"), ALARMS.items())
def test_a_second_alarm_of_the_kind_joins_the_first(kind: Kind, priority: int) -> None:
    assert decided(came(kind), {5: standing(kind)}) == Join(5, Effect.ALARM, priority)


def test_a_condition_is_a_matter_of_its_own() -> None:
    assert decided(came(Kind.FIRE), {5: standing(Kind.POWER)}) == Open(Kind.FIRE, 1)
    assert decided(came(Kind.POWER), {5: standing(Kind.BURGLARY)}) == Open(Kind.POWER, 4)


def test_emergencies_of_one_account_are_one_matter() -> None:
    """A fire that follows a burglary is the same place, the same people and the same telephone calls."""
    decision = decided(came(Kind.FIRE), {5: standing(Kind.BURGLARY)})
    assert isinstance(decision, Join)
    assert (decision.incident, decision.effect, decision.priority) == (5, Effect.ALARM, 1)


@pytest.mark.parametrize("kind", [Kind.PATH_LOST, Kind.ALL_PATHS_LOST, Kind.COMMS])
def test_a_line_cut_beside_an_alarm_belongs_to_it(kind: Kind) -> None:
    decision = decided(came(kind), {5: standing(Kind.BURGLARY)})
    assert isinstance(decision, Join)
    assert decision.incident == 5


@pytest.mark.parametrize("kind", ALARMS)
def test_a_restore_joins_the_incident_of_its_kind(kind: Kind) -> None:
    decision = decided(came(kind, Qualifier.RESTORE), {4: standing(Kind.CANCEL), 5: standing(kind)})
    assert isinstance(decision, Join)
    assert (decision.incident, decision.effect) == (5, Effect.RESTORE)


@pytest.mark.parametrize("kind", ALARMS)
def test_a_restore_of_nothing_is_only_logged(kind: Kind) -> None:
    other = Kind.FIRE if kind is not Kind.FIRE else Kind.BURGLARY
    assert decided(came(kind, Qualifier.RESTORE)) == LogOnly()
    assert decided(came(kind, Qualifier.RESTORE), {5: standing(other)}) == LogOnly()


@pytest.mark.parametrize(
    ("kind", "qualifier"),
    [
        (Kind.OPEN_CLOSE, Qualifier.OPENING),
        (Kind.OPEN_CLOSE, Qualifier.CLOSING),
        (Kind.CANCEL, Qualifier.NEW),
        (Kind.BYPASS, Qualifier.NEW),
        (Kind.VERIFICATION, Qualifier.NEW),
        (Kind.ACCESS, Qualifier.NEW),
    ],
)
def test_what_the_people_there_do_is_seen_beside_the_most_urgent_incident(kind: Kind, qualifier: Qualifier) -> None:
    incidents = {
        3: standing(Kind.POWER, 4, minutes_ago=9),
        4: standing(Kind.BURGLARY, 2, minutes_ago=5),
        5: standing(Kind.UNTYPED, 2, minutes_ago=1),
    }
    decision = decided(came(kind, qualifier), incidents)
    assert isinstance(decision, Join)
    assert (decision.incident, decision.effect) == (4, Effect.CONTEXT)


@pytest.mark.parametrize(
    ("kind", "qualifier"),
    [
        (Kind.OPEN_CLOSE, Qualifier.OPENING),
        (Kind.OPEN_CLOSE, Qualifier.CLOSING),
        (Kind.CANCEL, Qualifier.NEW),
        (Kind.BYPASS, Qualifier.NEW),
        *((kind, Qualifier.NEW) for kind in FOR_THE_RECORD),
    ],
)
def test_everyday_reports_are_only_logged(kind: Kind, qualifier: Qualifier) -> None:
    assert decided(came(kind, qualifier)) == LogOnly()


@pytest.mark.parametrize("kind", FOR_THE_RECORD)
def test_reports_for_the_record_disturb_no_incident(kind: Kind) -> None:
    assert decided(came(kind), {5: standing(Kind.BURGLARY)}) == LogOnly()


def test_an_exception_from_the_timetable_is_an_incident() -> None:
    """Contact ID 454: not armed on schedule. It is no arming and no disarming."""
    assert decided(came(Kind.OPEN_CLOSE, Qualifier.NEW)) == Open(Kind.OPEN_CLOSE, 5)
    again = decided(came(Kind.OPEN_CLOSE, Qualifier.NEW), {5: standing(Kind.OPEN_CLOSE, 5)})
    assert again == Join(5, Effect.ALARM, 5)


# Not authenticated: put before a person, never acted on --------------------------------------------------------------


@pytest.mark.parametrize("authenticity", NOT_PROVEN)
@pytest.mark.parametrize(
    ("kind", "qualifier"),
    [
        (Kind.BURGLARY, Qualifier.RESTORE),
        (Kind.CANCEL, Qualifier.NEW),
        (Kind.OPEN_CLOSE, Qualifier.OPENING),
        (Kind.OPEN_CLOSE, Qualifier.CLOSING),
        (Kind.BYPASS, Qualifier.NEW),
        (Kind.TEST, Qualifier.NEW),
        (Kind.SYSTEM, Qualifier.NEW),
        (Kind.LINK_TEST, Qualifier.NEW),
    ],
)
def test_what_is_not_proven_touches_no_incident_and_reaches_a_person(
    authenticity: Authenticity, kind: Kind, qualifier: Qualifier
) -> None:
    signal = came(kind, qualifier, authenticity=authenticity)
    assert decided(signal, {5: standing(Kind.BURGLARY), 6: standing(Kind.CANCEL)}) == Open(Kind.NOT_AUTHENTICATED, 3)


@pytest.mark.parametrize("authenticity", NOT_PROVEN)
def test_an_alarm_that_is_not_proven_still_reaches_a_person_as_what_it_claims(authenticity: Authenticity) -> None:
    assert decided(came(Kind.FIRE, authenticity=authenticity)) == Open(Kind.FIRE, 1)


def test_more_that_is_not_proven_joins_the_first_of_it() -> None:
    signal = came(Kind.CANCEL, authenticity=Authenticity.CLEAR_TEXT)
    joined = decided(signal, {5: standing(Kind.BURGLARY), 6: standing(Kind.NOT_AUTHENTICATED, 3)})
    assert joined == Join(6, Effect.ALARM, 3)


@pytest.mark.parametrize("authenticity", [Authenticity.AUTHENTICATED, Authenticity.UNPROVEN])
def test_where_nothing_is_wrong_with_the_proof_a_restore_restores(authenticity: Authenticity) -> None:
    signal = came(Kind.BURGLARY, Qualifier.RESTORE, authenticity=authenticity)
    assert decided(signal, {5: standing(Kind.BURGLARY)}) == Join(5, Effect.RESTORE, 2)


# Whom we do not serve ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*FOR_THE_RECORD, Kind.OPEN_CLOSE, Kind.CANCEL])
def test_an_unknown_account_reaches_a_person(kind: Kind) -> None:
    qualifier = Qualifier.OPENING if kind is Kind.OPEN_CLOSE else Qualifier.NEW
    assert decided(came(kind, qualifier, account_id=None)) == Open(Kind.UNKNOWN_ACCOUNT, 5)


def test_a_restore_of_an_unknown_account_reaches_a_person_too() -> None:
    signal = came(Kind.BURGLARY, Qualifier.RESTORE, account_id=None)
    assert decided(signal) == Open(Kind.UNKNOWN_ACCOUNT, 5)


def test_an_alarm_of_an_unknown_account_is_an_alarm() -> None:
    assert decided(came(Kind.FIRE, account_id=None)) == Open(Kind.FIRE, 1)


def test_link_tests_of_an_unknown_account_raise_one_incident_only() -> None:
    link_test = came(Kind.LINK_TEST, account_id=None)
    assert decided(link_test) == Open(Kind.UNKNOWN_ACCOUNT, 5)
    assert decided(link_test, {5: standing(Kind.UNKNOWN_ACCOUNT, 5)}) == LogOnly()
    assert decided(link_test, told=True) == LogOnly()


@pytest.mark.parametrize("kind", [Kind.BURGLARY, Kind.TEST])
def test_all_else_of_an_unknown_account_is_told_again(kind: Kind) -> None:
    assert isinstance(decided(came(kind, account_id=None), told=True), Open)


# Late reports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "priority"), [(Kind.FIRE, 4), (Kind.BURGLARY, 4), (Kind.POWER, 4)])
def test_a_late_report_does_not_overtake_live_alarms(kind: Kind, priority: int) -> None:
    assert decided(came(kind, old=True)) == Open(kind, priority)


def test_a_late_report_of_a_live_matter_joins_it() -> None:
    assert decided(came(Kind.FIRE, old=True), {5: standing(Kind.FIRE, 1)}) == Join(5, Effect.ALARM, 4)
