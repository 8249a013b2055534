"""Confirmation by the law of the place, through the whole station; police without ground; two people at high grades."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatcher.desk_customers import approve, ask_approval
from dispatcher.desk_dispatch import AgencyMove, move_agency
from dispatcher.legal.false_alarms import PassedOn, Warning_, standing
from station.errors import Reason, Refused
from station.evidence import EvidenceKind
from station.incident_events import Disposition
from station.responders import AgencyState, GuardState, Report, Service
from station.response_events import AgencyMoved, CallOutcome
from station.signals import Kind
from station.store import customers
from tests.stories.promises.handling import take
from tests.stories.promises.town import Site, Town


async def _judged(town: Town) -> tuple[bool, str | None]:
    judged = (await town.progress()).judged
    return (False, None) if judged is None else (judged.confirmed, judged.article)


async def _dual_path(town: Town, site: Site) -> None:
    for number in (1, 2):
        await town.owner.execute("insert into path (account, number, category) values ($1, $2, 'SP2')", site.id, number)


async def test_spain_three_different_detectors(town: Town) -> None:
    await town.burglary("001")
    await town.burglary("002")
    assert await _judged(town) == (False, None)
    await town.burglary("003")
    assert await _judged(town) == (True, "INT/316/2011 art. 7.1")
    row = await town.incident()
    assert row.incident.progress.judged is not None
    signals = await town.owner.fetch("select id from signal order by id")
    assert row.incident.progress.judged.signals == tuple(signal["id"] for signal in signals)


async def test_spain_one_detector_three_times_is_one_detector(town: Town) -> None:
    for _ in range(3):
        await town.burglary("001")
    assert await _judged(town) == (False, None)


async def test_spain_the_third_comes_after_half_an_hour(town: Town) -> None:
    await town.burglary("001")
    await town.burglary("002")
    await town.pass_time(1801)
    await town.burglary("003")
    assert await _judged(town) == (False, None)
    await town.burglary("002")
    await town.burglary("004")
    assert await _judged(town) == (True, "INT/316/2011 art. 7.1")


async def test_spain_the_premises_may_set_a_shorter_window(town: Town) -> None:
    await town.care(town.home, window_s=600)
    await town.burglary("001")
    await town.burglary("002")
    await town.pass_time(610)
    await town.burglary("003")
    assert await _judged(town) == (False, None)


@pytest.mark.parametrize(("code", "kind"), [("TA", None), ("YC", None), ("", Kind.PATH_LOST)])
async def test_spain_two_detectors_and_a_tamper_or_a_cut_line(town: Town, code: str, kind: Kind | None) -> None:
    await town.burglary("001")
    await town.burglary("002")
    await town.report(code, zone="009", kind=kind)
    assert await _judged(town) == (True, "INT/316/2011 art. 7.2")


async def test_spain_grade_three_counts_three_signals_of_two_detectors(town: Town) -> None:
    bank = await town.site("3003", grade=3)
    await town.burglary("001", site=bank)
    await town.burglary("002", site=bank)
    assert await _judged(town) == (False, None)
    await town.burglary("001", site=bank)
    assert await _judged(town) == (True, "INT/316/2011 art. 12.2")


async def test_spain_an_alarm_and_then_a_path_lost(town: Town) -> None:
    await _dual_path(town, town.home)
    await town.burglary("001")
    await town.report("", kind=Kind.PATH_LOST, zone="2")
    assert await _judged(town) == (True, "INT/316/2011 art. 12.3 a")
    assert len(await town.incidents()) == 1


async def test_spain_a_path_lost_and_then_an_alarm_by_the_other(town: Town) -> None:
    await _dual_path(town, town.home)
    await town.report("", kind=Kind.PATH_LOST, zone="1")
    await town.pass_time(300)
    await town.burglary("001")
    assert await _judged(town) == (True, "INT/316/2011 art. 12.3 b")


async def test_spain_voluntary_activation(town: Town) -> None:
    await town.report("HA", zone="001")
    assert await _judged(town) == (True, "INT/316/2011 art. 12.4")


async def test_portugal(town: Town) -> None:
    loja = await town.site("4004", country="PT")
    await town.burglary("001", site=loja)
    await town.burglary("002", site=loja)
    assert await _judged(town) == (False, None)
    await town.report("TA", zone="009", site=loja)
    assert await _judged(town) == (True, "Portaria 273/2013 art. 62.2")


async def test_portugal_three_detectors(town: Town) -> None:
    loja = await town.site("4004", country="PT")
    for zone in ("001", "002", "003"):
        await town.burglary(zone, site=loja)
    assert await _judged(town) == (True, "Portaria 273/2013 art. 62.1")


async def test_portugal_a_guard_goes_once_it_is_confirmed_and_confirms_nothing_himself(town: Town) -> None:
    loja, patrol = await town.site("4004", country="PT", guard=True, guard_visits=5), await town.guard("Rocha")
    await town.burglary("001", site=loja)
    hers = await take(town, site=loja)
    with pytest.raises(Refused) as refused:
        await hers.guard(patrol, GuardState.OFFERED)
    assert refused.value.reason is Reason.GUARD_BEFORE_CONFIRMATION
    await hers.guard(patrol, GuardState.OFFERED, reason="the owner insists")
    await hers.guard(patrol, GuardState.ACCEPTED)
    await hers.guard(patrol, GuardState.ON_SITE)
    await hers.guard(patrol, GuardState.REPORTED, report=Report.REAL)
    judged = (await town.progress()).judged
    assert judged is not None
    assert (judged.confirmed, judged.ground) == (False, True)


async def test_britain_two_independent_detectors_and_no_tamper(town: Town) -> None:
    shop = await town.site("5005", country="GB")
    await town.burglary("001", site=shop)
    await town.report("TA", zone="009", site=shop)
    assert await _judged(town) == (False, None)
    await town.pass_time(3000)
    await town.burglary("002", site=shop)
    assert await _judged(town) == (True, "BS 8243")


async def test_united_states_two_calls_and_the_level(town: Town) -> None:
    store = await town.site("6006", country="US", grade=None)
    await town.burglary("001", site=store)
    hers = await take(town, site=store)
    with pytest.raises(Refused) as refused:
        await hers.police()
    assert refused.value.reason is Reason.GROUND_MISSING
    await hers.calls("Marta", CallOutcome.NO_ANSWER)
    await hers.calls("Luis", CallOutcome.NO_ANSWER)
    judged = (await town.progress()).judged
    assert judged is not None
    assert (judged.confirmed, judged.ground, judged.article, judged.level) == (False, True, "CS-V-01", 1)
    await hers.notes(EvidenceKind.PRESENCE)
    await hers.notes(EvidenceKind.THREAT_LIFE)
    judged = (await town.progress()).judged
    assert judged is not None
    assert (judged.confirmed, judged.article, judged.level) == (True, "ANSI/TMA AVS-01", 4)
    await hers.police()


async def test_closing_does_not_begin_the_window_anew(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    await hers.closes(note="nothing to see")
    await town.pass_time(300)
    await town.burglary("002")
    hers = await take(town)
    await hers.closes(note="again nothing")
    await town.pass_time(300)
    await town.burglary("003")
    assert [row.incident.progress.confirmed for row in await town.incidents()] == [False, False, True]
    assert await town.step() == "burglary_confirmed: police"


async def test_police_without_ground_asks_for_a_reason_and_never_prevents(town: Town) -> None:
    await town.burglary("001")
    hers = await take(town)
    with pytest.raises(Refused) as refused:
        await hers.police()
    assert refused.value.reason is Reason.GROUND_MISSING
    await hers.police(reason="a neighbour shouts for help")
    progress = await town.progress()
    assert [(one.service, one.state) for one in progress.agencies] == [(Service.POLICE, AgencyState.ACCEPTED)]
    assert progress.to_review
    await hers.closes(note="the police have it")
    listed = await customers.listed(town.desk.database, "to_review")
    assert [row["id"] for row in listed] == [hers.lease.incident]


@pytest.mark.parametrize("seen", [EvidenceKind.WITNESS, EvidenceKind.CONTACT_REAL, EvidenceKind.VIDEO])
async def test_a_witness_a_call_for_help_or_video_suffice(town: Town, seen: EvidenceKind) -> None:
    await town.burglary("001")
    hers = await take(town)
    await hers.notes(seen)
    await hers.police()
    assert not (await town.progress()).to_review


@pytest.mark.parametrize("code", ["FA", "HA", "MA", "GA"])
async def test_life_safety_never_asks_for_ground(town: Town, code: str) -> None:
    await town.report(code, zone="001")
    hers = await take(town)
    await hers.police()
    assert not (await town.progress()).to_review


async def test_calling_police_off_takes_two_people_at_a_high_grade(town: Town) -> None:
    bank = await town.site("3003", grade=3)
    await town.report("HA", zone="001", site=bank)
    hers = await take(town, site=bank)
    await hers.police()
    with pytest.raises(Refused) as refused:
        await hers.police(AgencyState.CANCEL_REQUESTED)
    assert refused.value.reason is Reason.SECOND_PERSON_NEEDED
    asked = await ask_approval(town.desk, town.ana, "police_cancel", {"incident": hers.lease.incident})
    await approve(town.desk, town.rui, asked)
    await hers.police(AgencyState.CANCEL_REQUESTED, approval=asked)
    assert [one.state for one in (await town.progress()).agencies] == [AgencyState.CANCEL_REQUESTED]


async def test_at_a_home_one_person_calls_police_off(town: Town) -> None:
    await town.report("HA", zone="001")
    hers = await take(town)
    await hers.police()
    await hers.police(AgencyState.CANCEL_REQUESTED)
    assert [one.state for one in (await town.progress()).agencies] == [AgencyState.CANCEL_REQUESTED]


async def test_what_the_law_says_must_be_told_is_on_the_record(town: Town) -> None:
    await town.report("HA", zone="001")
    hers = await take(town)
    move = AgencyMove(service=Service.POLICE, state=AgencyState.ACCEPTED, told=("zones", "place"))
    await move_agency(town.desk, hers.lease, move)
    told = [event.what.told for event in await town.events() if isinstance(event.what, AgencyMoved)]
    assert told == [("place", "zones"), ()]


async def test_a_second_false_alarm_in_sixty_days_is_warned_of(town: Town) -> None:
    for _ in range(2):
        await town.burglary("001")
        hers = await take(town)
        await hers.police(reason="a neighbour shouts for help")
        await hers.closes(Disposition.USER_ERROR, "the wind")
        await town.pass_time(26 * 3600)
    rows = await customers.listed(town.desk.database, "false_alarms", town.home.id)
    passed = [
        PassedOn(at=row["opened_at"], confirmed=row["confirmed"], false=row["false"], fault=row["fault"])
        for row in rows
    ]
    now = await town.now()
    assert Warning_.REPORT_FOR_SANCTION in standing("ES", passed, now).warnings
    assert standing("ES", passed, now + dt.timedelta(days=60)).warnings == ()
