"""A fleet on a real socket: what a visitor of the demo gets to see, sped up."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
import trio

from simulators import stories
from simulators.frames import Identity
from simulators.links import Door
from simulators.panel_fleet import PanelFleet, Rates
from simulators.panel_settings import PanelSettings, Zone
from simulators.reports import Format, Happening, Report, data_field
from simulators.timetable import Timetable, timetable
from tests.simulators.scripted_receiver import acknowledge, tcp_receiver

HOME = PanelSettings(
    identity=Identity(account="0A01"),
    premises="home",
    language="pt",
    zones=(Zone("001", "Porta da frente", "1"), Zone("002", "Detetor de fumo cozinha", "1")),
    users=("Ana Sousa",),
    link_test_s=2.0,
)


def fleet_of(count: int) -> list[PanelSettings]:
    return [
        PanelSettings(identity=Identity(account=f"{0xA000 + n:X}"), premises="shop", users=("Rui",), link_test_s=0.4)
        for n in range(count)
    ]


async def test_link_tests_comings_and_goings_alarms_and_a_stranger() -> None:
    rates = Rates(first_alarm_s=0.1, alarm_s=(0.1, 0.2), power_s=(0.1, 0.2), stranger_s=(0.3, 0.5), day_s=3.0)
    async with tcp_receiver(acknowledge) as receiver:
        fleet = PanelFleet(fleet_of(20), receiver.door, rates=rates, seed=1)
        with trio.move_on_after(3.5):
            await fleet.run()
    codes = Counter(code for frame in receiver.frames for code in re.findall(rb"Nri\d+/([A-Z]{2})", frame))
    assert codes[b"BA"] > 5
    assert codes[b"OP"] >= 10
    assert codes[b"CL"] >= 10
    assert codes[b"AT"] > 5
    assert codes[b"RP"] >= 10
    assert 20 <= sum(b'"NULL"' in frame for frame in receiver.frames) <= 200
    assert any(b"#5E4E0" in frame for frame in receiver.frames)
    assert fleet.tally.unanswered == 0
    assert receiver.connections == 21


async def test_a_receiver_that_comes_late_is_found() -> None:
    async with tcp_receiver(acknowledge) as gone:
        pass
    fleet = PanelFleet(fleet_of(3), gone.door, rates=Rates(first_alarm_s=0), seed=1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(fleet.run)
        await trio.sleep(0.5)
        async with tcp_receiver(acknowledge, port=gone.door.port) as receiver:
            with trio.fail_after(30):
                await receiver.first_frame.wait()
        nursery.cancel_scope.cancel()
    assert fleet.tally.unanswered >= 1


async def test_stories_begin_with_what_they_are_about() -> None:
    told = {
        stories.burglary: Happening.BURGLARY,
        stories.fire: Happening.FIRE,
        stories.panic: Happening.PANIC,
        stories.medical: Happening.MEDICAL,
        stories.tamper: Happening.TAMPER,
        stories.power: Happening.POWER,
    }
    for tell, happening in told.items():
        assert next(tell(HOME, random.Random(1)))[1].happening is happening


def test_a_burglar_does_not_set_off_the_smoke_detector() -> None:
    for seed in range(50):
        burgled = [report for _, report in stories.burglary(HOME, random.Random(seed)) if report.number == "002"]
        assert not burgled


def test_fire_is_told_by_the_smoke_detector_of_the_house_in_its_language() -> None:
    (_, report), *_ = stories.fire(HOME, random.Random(1))
    assert report == Report(Happening.FIRE, "1", "002", "Detetor de fumo cozinha")


def test_a_bank_presses_a_silent_button() -> None:
    bank = PanelSettings(identity=Identity(account="1"), premises="bank")
    (_, report), *_ = stories.panic(bank, random.Random(1))
    assert report.happening is Happening.HOLDUP


@pytest.mark.parametrize(
    ("encoding", "expected"), [("utf-8", b"P\xc3\xa1tio"), ("cp1252", b"P\xe1tio")], ids=["utf-8", "cp1252"]
)
def test_an_installers_text_keeps_the_field_whole(encoding: str, expected: bytes) -> None:
    report = Report(Happening.BURGLARY, "1", "003", "Pátio|]^[")
    written = data_field(report, "1234", Format.SIA_DCS, encoding)
    assert written == b"#1234|Nri1/BA003^" + expected + b"    ^"


def test_who_is_out_when() -> None:
    shop = Timetable(opens=9.5, closes=20.0, tests=3.0)
    home = Timetable(opens=18.5, closes=8.0, tests=3.0)
    assert [shop.is_armed(hour) for hour in (3, 12, 22)] == [True, False, True]
    assert [home.is_armed(hour) for hour in (3, 12, 22)] == [False, True, False]
    assert timetable(HOME) == timetable(HOME)


def test_addresses() -> None:
    assert Door.parse("127.0.0.1:7700") == Door("127.0.0.1", 7700)
    assert Door.parse("[::1]:7700") == Door("::1", 7700)
    for wrong in ("7700", "host:", "host:0", "host:70000", ":7700"):
        with pytest.raises(ValueError, match="is not HOST:PORT"):
            Door.parse(wrong)
