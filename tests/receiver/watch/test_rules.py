"""When nobody looks, second by second."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from receiver.watch.rules import Finding, Reason, Vigil
from receiver.watch.settings import WatchSettings
from station.store.waiting import Attention

CALM = Attention(unread=0, oldest_unread_s=None, waiting=0, operators=0)
RULES = WatchSettings(unattended_after_s=30, unattended_repeat_s=20)


def unread(age_s: float, operators: int = 1) -> Attention:
    return Attention(unread=1, oldest_unread_s=age_s, waiting=0, operators=operators)


def waiting(operators: int) -> Attention:
    return Attention(unread=0, oldest_unread_s=None, waiting=1, operators=operators)


def watched(
    vigil: Vigil, seconds: Iterable[int], found: Callable[[int], Attention | None]
) -> list[tuple[int, Finding]]:
    """What a look each second comes to."""
    return [(second, vigil.look(found(second), second)) for second in seconds]


def began(looks: list[tuple[int, Finding]]) -> list[int]:
    return [second for second, finding in looks if finding.began]


def test_a_station_at_rest_stays_quiet_with_nobody_signed_on() -> None:
    looks = watched(Vigil(RULES, 0), range(1000), lambda second: CALM)
    assert not any(finding.reasons or finding.cry or finding.ended for _, finding in looks)


def test_alarms_that_no_dispatcher_works_off_for_half_a_minute() -> None:
    looks = watched(Vigil(RULES, 0), range(60), lambda second: unread(float(second)))
    assert began(looks) == [30]
    assert looks[30][1].reasons == (Reason.DISPATCHER,)
    assert looks[29][1].reasons == ()


def test_a_dispatcher_that_keeps_up_is_at_work_however_much_comes() -> None:
    busy = Attention(unread=5000, oldest_unread_s=4.0, waiting=90, operators=1)
    assert began(watched(Vigil(RULES, 0), range(300), lambda second: busy)) == []


def test_alarms_that_wait_half_a_minute_with_no_operator() -> None:
    looks = watched(Vigil(RULES, 0), range(100), lambda second: waiting(0) if second >= 10 else CALM)
    assert began(looks) == [40]
    assert looks[40][1].reasons == (Reason.OPERATORS,)
    assert "no operator is signed on" in looks[40][1].text


def test_an_operator_who_is_there_may_let_alarms_wait() -> None:
    assert began(watched(Vigil(RULES, 0), range(300), lambda second: waiting(1))) == []


def test_an_operator_who_leaves_is_given_the_half_minute_anew() -> None:
    looks = watched(Vigil(RULES, 0), range(100), lambda second: waiting(1 if 20 <= second < 25 else 0))
    assert began(looks) == [55]


def test_a_database_that_does_not_answer_for_half_a_minute() -> None:
    looks = watched(Vigil(RULES, 0), range(60), lambda second: CALM if second < 10 else None)
    assert began(looks) == [39]
    assert looks[39][1].reasons == (Reason.STORE,)


def test_a_database_that_never_answered() -> None:
    assert began(watched(Vigil(RULES, 0), range(60), lambda second: None)) == [30]


def test_what_was_so_before_the_database_fell_silent_is_taken_to_be_so_still() -> None:
    looks = watched(Vigil(RULES, 0), range(100), lambda second: unread(40) if second < 5 else None)
    assert [second for second, finding in looks if finding.ended] == []
    assert looks[10][1].reasons == (Reason.DISPATCHER,)
    assert looks[50][1].reasons == (Reason.STORE, Reason.DISPATCHER)


def test_a_noise_is_made_again_and_again_until_somebody_looks() -> None:
    looks = watched(Vigil(RULES, 0), range(100), lambda second: unread(40) if second < 70 else unread(1))
    assert [second for second, finding in looks if finding.cry] == [0, 20, 40, 60]
    assert [second for second, finding in looks if finding.ended] == [70]
    assert looks[70][1].text == "Somebody looks at the alarms again."


def test_another_reason_is_the_same_matter() -> None:
    looks = watched(Vigil(RULES, 0), range(60), lambda second: unread(40) if second < 30 else waiting(0))
    # The dispatcher is back at 30; that nobody is signed on counts from there.
    assert began(looks) == [0]
    both = Attention(unread=1, oldest_unread_s=40, waiting=1, operators=0)
    looks = watched(Vigil(RULES, 0), range(60), lambda second: both)
    assert began(looks) == [0]
    assert looks[59][1].reasons == (Reason.DISPATCHER, Reason.OPERATORS)


@pytest.mark.parametrize("found", [unread(40), waiting(0), None], ids=["dispatcher", "operators", "store"])
def test_by_default_panels_go_on_being_acknowledged(found: Attention | None) -> None:
    looks = watched(Vigil(RULES, 0), range(10_000), lambda second: found)
    assert not any(finding.stop_acknowledging for _, finding in looks)


@pytest.mark.parametrize("found", [unread(40), waiting(0)], ids=["dispatcher", "operators"])
def test_after_a_second_limit_panels_are_turned_away_until_somebody_looks(found: Attention) -> None:
    rules = WatchSettings(unattended_after_s=30, unattended_stop_ack_after_s=60)
    vigil = Vigil(rules, 0)
    looks = watched(vigil, range(200), lambda second: found)
    (start,) = began(looks)
    assert [finding.stop_acknowledging for _, finding in looks] == [second >= start + 60 for second in range(200)]
    assert not vigil.look(CALM, 201).stop_acknowledging
