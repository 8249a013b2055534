"""The battery played: against receivers that answer right, wrong and not at all, and against ours."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import pytest
import trio

from simulators.conformance.battery import battery
from simulators.conformance.cases import Case, UnderTest
from simulators.conformance.judging import Verdict
from simulators.conformance.play import Patience, Result, play_all
from simulators.links import Door
from station.station_key import StationKey
from station.store.database import Database
from tests.receiver.conftest import add_account, running_station
from tests.simulators.battery_under_test import KEYS, UNDER_TEST, named
from tests.simulators.scripted_receiver import (
    Script,
    acknowledge,
    answer,
    hang_up,
    refuse,
    say_nothing,
    tcp_receiver,
    udp_receiver,
)

#: A receiver of the same process answers at once.
QUICK = Patience(answer_s=1.0, silence_s=0.2, surplus_s=0.1)


async def verdicts(cases: list[Case], script: Script, *, udp: bool = False) -> dict[str, Verdict]:
    async with (udp_receiver if udp else tcp_receiver)(script) as receiver:
        return _by_name(await play_all(cases, receiver.door, udp=udp, patience=QUICK))


def _by_name(results: list[Result]) -> dict[str, Verdict]:
    return {result.case.name: result.verdict for result in results}


@pytest.fixture
def station_key() -> StationKey:
    """The key that seals the panel keys of this test's station."""
    return StationKey.generate()


HEARD = ["R and L", "no R", "the same frame again"]


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
async def test_a_receiver_that_answers_right(udp: bool) -> None:
    found = await verdicts([named(name) for name in HEARD], acknowledge, udp=udp)
    assert set(found.values()) == {Verdict.RIGHT}


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
async def test_a_receiver_that_says_nothing_is_right_where_nothing_should_come(udp: bool) -> None:
    names = [*HEARD, "one bit flipped in the data", "an account that nobody knows"]
    found = await verdicts([named(name) for name in names], say_nothing, udp=udp)
    assert [found[name] for name in names] == [*[Verdict.WRONG] * 3, Verdict.RIGHT, Verdict.ALLOWED]


async def test_a_receiver_that_refuses_is_wrong_but_where_it_may() -> None:
    names = ["R and L", "a token that is seldom read: FUTURE"]
    found = await verdicts([named(name) for name in names], refuse)
    assert list(found.values()) == [Verdict.WRONG, Verdict.ALLOWED]


async def test_a_receiver_that_acknowledges_whatever_comes() -> None:
    names = ["one bit flipped in the data", "AES-128", "another key", "sent two minutes ago"]
    found = await verdicts([named(name) for name in names], acknowledge)
    assert set(found.values()) == {Verdict.WRONG}


async def test_a_receiver_that_answers_twice() -> None:
    async def twice(frame: bytes) -> bytes:
        return 2 * answer(b"ACK", frame)

    assert (await verdicts([named("R and L")], twice))["R and L"] is Verdict.WRONG


async def test_a_receiver_that_closes_after_each_answer() -> None:
    name = "the connection stays open after the answer"
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")

    async def once(stream: trio.SocketStream) -> None:
        if frame := await stream.receive_some():
            await stream.send_all(answer(b"ACK", frame))
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, once, [listener])
        door = Door("127.0.0.1", listener.socket.getsockname()[1])
        found = await play_all([named(name), named("R and L")], door, udp=False, patience=QUICK)
        nursery.cancel_scope.cancel()
    assert [result.verdict for result in found] == [Verdict.WRONG, Verdict.RIGHT]


async def test_a_receiver_that_hangs_up_on_every_frame() -> None:
    names = ["R and L", "one bit flipped in the data"]
    found = await verdicts([named(name) for name in names], hang_up)
    assert list(found.values()) == [Verdict.WRONG, Verdict.RIGHT]


async def test_a_stranger_may_be_hung_up_on_and_not_left_waiting() -> None:
    (case,) = battery(UNDER_TEST, ["SOCKS"])

    for script, verdict in ((say_nothing, Verdict.WRONG), (hang_up, Verdict.ALLOWED), (acknowledge, Verdict.RIGHT)):
        assert set((await verdicts([case], script)).values()) == {verdict}


async def test_without_a_key_its_cases_are_not_tried() -> None:
    cases = battery(UnderTest("1234", {16: KEYS[16]}), ["AES-"])
    async with tcp_receiver(say_nothing) as receiver:
        found = _by_name(await play_all(cases, receiver.door, udp=False, patience=QUICK))
        assert len(receiver.frames) == 1
    assert found == {"AES-128": Verdict.WRONG, "AES-192": Verdict.NOT_TRIED, "AES-256": Verdict.NOT_TRIED}


# The command -----------------------------------------------------------------------------------------------------


async def conformance(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = await trio.run_process(
        [sys.executable, "-m", "sereno", "conformance", *words],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


async def test_the_table_and_the_exit_code() -> None:
    async with tcp_receiver(acknowledge) as receiver:
        to = f"127.0.0.1:{receiver.door.port}"
        good = await conformance(to, "--only", "no R", "--only", "R and L of two")
        bad = await conformance(to, "--only", "one bit flipped in the data", "--json")
    assert good[0] == 0
    assert '"ACK"0000L0#1409[]' in good[1]
    assert "2 right, 0 differs (allowed), 0 wrong, 1 not tried; 3 cases" in good[1]
    (row,) = json.loads(bad[1])
    assert (bad[0], row["verdict"], row["should_have_come"]) == (1, "wrong", "nothing")
    assert row["came_back"] == '"ACK"0010R0L0#1234[]'


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "'nowhere' is not HOST:PORT, for example 127.0.0.1:7700"),
        (["127.0.0.1:7700", "--key", "1234"], "--key wants ACCOUNT=KEY, the key in hexadecimal digits"),
        (["127.0.0.1:7700", "--only", "elephants"], "no case's name or subject holds elephants"),
    ],
)
async def test_a_wrong_command_is_told_in_one_line(words: list[str], said: str) -> None:
    assert await conformance(*words) == (2, "", f"{said}\n")


async def test_nobody_listens() -> None:
    async with tcp_receiver(say_nothing) as receiver:
        port = receiver.door.port
    code, output, said = await conformance(f"127.0.0.1:{port}", "--only", "no R")
    assert (code, output) == (2, "")
    assert "127.0.0.1" in said


async def test_two_receivers_side_by_side_in_a_page(tmp_path: pathlib.Path) -> None:
    for script, file in ((acknowledge, "good.json"), (refuse, "bad.json")):
        async with tcp_receiver(script) as receiver:
            _, output, _ = await conformance(f"127.0.0.1:{receiver.door.port}", "--only", "account with lead", "--json")
        (tmp_path / file).write_text(output, encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text("# Kept\n\n## Results\n\nold\n", encoding="utf-8")
    words = [str(page), f"Good={tmp_path / 'good.json'}", f"Bad={tmp_path / 'bad.json'}"]
    await trio.run_process([sys.executable, "-m", "simulators.conformance.document", *words])
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Kept\n\n## Results\n\n| receiver |")
    assert "old" not in text
    assert "| Good | 1 | 0 | 0 | 0 | 1 |" in text
    assert '| account with leading zeros | DC-09 | right | wrong: `"DUH"0000R0L0#008312[]` |' in text


# Ours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("udp", [False, True], ids=["tcp", "udp"])
async def test_our_receiver_is_right_in_every_case(
    database_url: str, owner: Database, station_key: StationKey, udp: bool
) -> None:
    await add_account(owner, station_key, UNDER_TEST.account)
    for keyed in KEYS.values():
        await add_account(owner, station_key, keyed.account, key=keyed.key)
    patience = Patience(answer_s=20, silence_s=0.3)
    async with running_station(database_url, owner, station_key) as station:
        door = Door("127.0.0.1", station.port)
        results = await play_all(battery(UNDER_TEST), door, udp=udp, patience=patience)
    tried = [result for result in results if result.verdict is not Verdict.NOT_TRIED]
    assert [(result.case.name, result.heard) for result in tried if result.verdict is not Verdict.RIGHT] == []
    assert len(tried) > (150 if udp else 200)
