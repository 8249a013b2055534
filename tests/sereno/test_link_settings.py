"""Links as a user writes them, and what he is told when one is wrong."""

from __future__ import annotations

import json
import pathlib

import pytest
from cyclopts import Token

from receiver.automation.settings import Endpoint, LinkSettings
from sereno.link_settings import links_of, written
from station.signals import Protocol
from tests.sereno.conftest import sereno

NORTH = {"name": "north", "protocol": "surgard", "listen": "0.0.0.0:1025"}


def read(*texts: str) -> tuple[LinkSettings, ...]:
    return links_of(None, [Token(value=text) for text in texts])


def test_a_link_and_its_defaults() -> None:
    (link,) = read(json.dumps(NORTH))

    assert (link.name, link.protocol, link.listen) == ("north", Protocol.SURGARD, Endpoint("0.0.0.0", 1025))
    assert (link.dial, link.receiver, link.prefix, link.line_digits) == (None, None, None, 1)
    # Three heartbeats of half a minute.
    assert link.silence_s == 90
    assert link.welcomes("203.0.113.9")


def test_several_in_one_text_and_all_that_can_be_set() -> None:
    south = {
        "name": "south", "protocol": "dc07", "dial": "[2001:db8::5]:1026", "receiver": "2A", "prefix": "F",
        "heartbeat_s": 10, "missed_heartbeats": 2,
    }  # fmt: skip
    listening = NORTH | {"only_from": ["10.0.0.0/8", "2001:db8::7"], "line_digits": 3}

    north, dialled = read(json.dumps([listening, south]))

    assert (dialled.dial, dialled.receiver, dialled.prefix) == (Endpoint("2001:db8::5", 1026), "2A", "F")
    assert dialled.silence_s == 20
    assert [north.welcomes(host) for host in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::7", "192.0.2.1")] == [
        True, True, True, False,
    ]  # fmt: skip
    # What a process is started with means the same.
    assert read(written([north, dialled])) == (north, dialled)


def test_a_flag_that_names_none_outweighs_the_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "sereno.toml").write_text('[[links]]\nname = "north"\nprotocol = "surgard"\nlisten = "nowhere"\n')

    done = sereno("receiver", "--links=[]", folder=tmp_path)

    assert "No station runs in var" in done.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("north", r"\[\[links\]\] table in sereno.toml or as JSON, not 'north'"),
        ("5", "unlike 5"),
        (json.dumps({"protocol": "surgard", "listen": "0.0.0.0:1"}), "name must be given"),
        (json.dumps(NORTH | {"lisen": "x"}), "link north: there is no setting lisen; there are name, protocol"),
        (json.dumps(NORTH | {"protocol": "contact-id"}), "protocol 'contact-id' is not one of surgard, ademco685"),
        (json.dumps(NORTH | {"protocol": "dc09"}), "protocol 'dc09' is not one of"),
        (json.dumps(NORTH | {"protocol": ["surgard"]}), "protocol .* is not one of"),
        (json.dumps(NORTH | {"listen": "1025"}), "'1025' is not HOST:PORT"),
        (json.dumps(NORTH | {"listen": "0.0.0.0:65536"}), "is not HOST:PORT"),
        (json.dumps(NORTH | {"listen": "a..b:1"}), "is not HOST:PORT"),
        (json.dumps(NORTH | {"dial": "10.0.0.5:1025"}), "give either listen or dial"),
        (json.dumps({"name": "a", "protocol": "dc07"}), "give either listen or dial"),
        (json.dumps({"name": "a", "protocol": "dc07", "dial": "h:1", "only_from": ["10.0.0.1"]}), "only_from is for"),
        (json.dumps(NORTH | {"only_from": ["10.0.0.300"]}), "'10.0.0.300' does not appear to be"),
        (json.dumps(NORTH | {"only_from": "10.0.0.3"}), "only_from can't be '10.0.0.3'"),
        (json.dumps(NORTH | {"line_digits": 2}), "line_digits 2 is neither 1 nor 3"),
        (json.dumps(NORTH | {"heartbeat_s": 0}), "heartbeat_s 0 is not between"),
        (json.dumps(NORTH | {"heartbeat_s": "30"}), "heartbeat_s can't be '30'"),
        (json.dumps(NORTH | {"heartbeat_s": float("nan")}), "heartbeat_s nan is not between"),
        (json.dumps(NORTH | {"missed_heartbeats": True}), "missed_heartbeats can't be True"),
        (json.dumps(NORTH | {"prefix": "north"}), "prefix 'north' is not one to six hexadecimal digits"),
        (json.dumps(NORTH | {"name": "a\nb"}), "is not a name"),
        (json.dumps([NORTH, NORTH]), "two links are named north"),
    ],
)
def test_what_is_wrong_is_named(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(text)


def test_the_settings_file_flag_and_environment_are_all_checked(tmp_path: pathlib.Path) -> None:
    broken = json.dumps(NORTH | {"listen": "nowhere"})
    by_flag = sereno("receiver", f"--links={broken}", folder=tmp_path)
    by_environment = sereno("receiver", folder=tmp_path, SERENO_LINKS=broken)
    (tmp_path / "sereno.toml").write_text('[[links]]\nname = "north"\nprotocol = "surgard"\nlisten = "nowhere"\n')
    by_file = sereno("receiver", folder=tmp_path)

    for done in (by_flag, by_environment, by_file):
        assert done.returncode != 0
        told = " ".join(done.stderr.replace("│", " ").split())
        assert "link north: 'nowhere' is not HOST:PORT" in told
