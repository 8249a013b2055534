"""The password proves the customer to the station, the counter-password the station to the customer."""

from __future__ import annotations

import pytest

from station.errors import Reason, Refused
from station.response_events import CallOutcome, CounterShown, Heard, Line
from tests.stories.promises.handling import Handling, take
from tests.stories.promises.town import COUNTER, DURESS, PASSWORD, Town


async def _on_the_telephone(town: Town) -> Handling:
    await town.burglary()
    hers = await take(town)
    await hers.calls("Marta")
    assert await hers.step() == "burglary: password"
    return hers


@pytest.mark.parametrize("word", ["Canción de Cuna", "cancion de cuna", "  CANCIÓN   DE-CUNA. ", "canciondecuna"])
async def test_accents_case_and_spacing_are_forgiven(town: Town, word: str) -> None:
    hers = await _on_the_telephone(town)
    assert await hers.hears(word) is Heard.MATCH
    assert await hers.step() == "burglary: ask"


@pytest.mark.parametrize("word", ["Canción de luna", "", "Canción", "   "])
async def test_another_word_is_no_match(town: Town, word: str) -> None:
    hers = await _on_the_telephone(town)
    assert await hers.hears(word) is Heard.NO_MATCH
    assert await hers.step() == "burglary: password"  # once more


async def test_two_tries_and_no_third(town: Town) -> None:
    hers = await _on_the_telephone(town)
    assert await hers.hears("uno dos") is Heard.NO_MATCH
    assert await hers.hears("tres cuatro") is Heard.NO_MATCH
    assert await hers.step() == "burglary: look"
    with pytest.raises(Refused) as refused:
        await hers.hears(PASSWORD)
    assert refused.value.reason is Reason.TRIES_USED_UP


async def test_the_next_call_has_its_own_two_tries(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await hers.hears("uno dos")
    await hers.hears("tres cuatro")
    await hers.calls("Luis", line=Line.INBOUND)
    assert await hers.hears("uno dos", "Luis", Line.INBOUND) is Heard.NO_MATCH
    assert await hers.hears(PASSWORD, "Luis", Line.INBOUND) is Heard.MATCH


async def test_refusing_is_not_wrong(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await hers.is_refused()
    assert (await hers.step(), await hers.to_call()) == ("burglary: call", "Luis")
    await hers.calls("Luis")
    assert await hers.hears("uno dos", "Luis") is Heard.NO_MATCH
    assert await hers.hears(PASSWORD, "Luis") is Heard.MATCH


async def test_no_word_is_written_anywhere(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await hers.hears("palabra rara")
    await hers.hears(PASSWORD)
    await hers.shows_counter()
    bodies = await town.owner.fetch("select body from incident_event union all select body from audit")
    assert bodies
    for word in ("palabra", "rara", "Canci", "Cuna", COUNTER):
        assert all(word not in row["body"] for row in bodies)


async def test_on_our_call_to_a_listed_number_the_station_may_prove_itself_first(town: Town) -> None:
    hers = await _on_the_telephone(town)
    counter = await hers.shows_counter()
    assert (counter.word, counter.seconds) == (COUNTER, 20)
    shown = [event for event in await town.events() if isinstance(event.what, CounterShown)]
    assert [(event.actor, event.what) for event in shown] == [
        (town.ana.actor, CounterShown(town.home.contacts["Marta"], 20))
    ]
    looks = await town.owner.fetch("select actor from audit where action = 'counter_shown'")
    assert [row["actor"] for row in looks] == [town.ana.actor]


async def test_who_refused_may_still_hear_it_on_our_call(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await hers.is_refused()
    assert (await hers.shows_counter()).word == COUNTER


async def _not_yet(hers: Handling, name: str | None, line: Line) -> None:
    with pytest.raises(Refused) as refused:
        await hers.shows_counter(name, line)
    assert refused.value.reason is Reason.COUNTER_NOT_YET


async def test_never_first_to_somebody_who_calls_us(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await _not_yet(hers, "Luis", Line.INBOUND)
    await hers.hears(PASSWORD, "Luis", Line.INBOUND)
    assert (await hers.shows_counter("Luis", Line.INBOUND)).word == COUNTER


async def test_never_first_on_the_protected_landline(town: Town) -> None:
    await town.contact(town.home, "the shop", role="premises")
    hers = await _on_the_telephone(town)
    await _not_yet(hers, "the shop", Line.PREMISES)
    await _not_yet(hers, "the shop", Line.PLACED)


async def test_never_first_to_a_number_that_is_not_listed(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await _not_yet(hers, None, Line.PLACED)


async def test_never_after_a_wrong_password(town: Town) -> None:
    hers = await _on_the_telephone(town)
    await hers.hears("uno dos")
    await _not_yet(hers, "Marta", Line.PLACED)


async def test_under_duress_the_counter_password_comes_as_after_a_match(town: Town) -> None:
    hers = await _on_the_telephone(town)
    assert await hers.hears(DURESS) is Heard.DURESS
    assert (await hers.shows_counter()).word == COUNTER


async def test_the_landline_answered_with_a_wrong_word_confirms_in_spain(town: Town) -> None:
    await town.contact(town.home, "the shop", role="premises")
    await town.burglary()
    hers = await take(town)
    await hers.calls("the shop", CallOutcome.ANSWERED, Line.PREMISES)
    await hers.hears("uno dos", "the shop", Line.PREMISES)
    await hers.hears("tres cuatro", "the shop", Line.PREMISES)
    progress = await town.progress()
    assert progress.judged is not None
    assert (progress.confirmed, progress.judged.article) == (True, "INT/316/2011 art. 11")
