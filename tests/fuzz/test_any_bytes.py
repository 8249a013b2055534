"""Whatever bytes come: no exception but RemoteProtocolError, nothing that can't be stored, and bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receiver.conversation import Conversation, Ignored
from receiver.protocols.dc09_frame import Frame
from tests.fuzz.inputs import CAPTURED, traffic
from tests.fuzz.targets import PROTOCOLS, REACHED, TARGETS


@pytest.mark.parametrize("name", TARGETS)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors]
)
@given(data=traffic)
def test_any_bytes(name: str, data: bytes) -> None:
    TARGETS[name](data)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=traffic, cuts=st.lists(st.integers(0, 400), max_size=12))
def test_where_recv_stopped_does_not_matter(data: bytes, cuts: list[int]) -> None:
    at_once, in_pieces = Conversation(), Conversation()
    heard: list[Frame | Ignored] = []
    start = 0
    for cut in [*cuts, len(data)]:
        heard += in_pieces.receive_data(data[start : start + cut])
        start += cut

    assert heard == at_once.receive_data(data)
    assert in_pieces.waiting == at_once.waiting


def test_sound_frames_glued_together_are_understood_one_by_one() -> None:
    alone = [Conversation().receive_data(frame) for frame in CAPTURED]
    sound = [(frame, heard[0]) for frame, heard in zip(CAPTURED, alone, strict=True) if _is_one_frame(heard)]

    assert len(sound) > len(CAPTURED) // 2
    assert Conversation().receive_data(b"".join(frame for frame, _ in sound)) == [understood for _, understood in sound]


def _is_one_frame(heard: list[Frame | Ignored]) -> bool:
    return len(heard) == 1 and isinstance(heard[0], Frame)


def test_each_protocol_is_fuzzed() -> None:
    modules = {path.stem for path in PROTOCOLS.glob("*.py")} - {"__init__", "errors"}

    assert modules <= REACHED
