"""The proof can fail: each fault that it looks for is found where it is, and nowhere else."""

from __future__ import annotations

import pytest

from tests.proof.verdict import Acknowledged, Acted, Stored, Told, Verdict, judge

FIRE = Told("FA", "001", alarm=True)
PANIC = Told("PA", "002", alarm=True)
OPENING = Told("OP", "003", alarm=False)


def frame(sequence: str, *events: Told) -> Acknowledged:
    return Acknowledged("A001", sequence, events)


def row(id_: int, sequence: str, event: Told, repeat_of: int | None = None, *, suppressed: bool = False) -> Stored:
    return Stored(id_, "A001", sequence, event.code, event.zone, suppressed, repeat_of)


FRAMES = [frame("0001", FIRE, PANIC), frame("0002", OPENING)]
ROWS = [row(1, "0001", FIRE), row(2, "0001", PANIC), row(3, "0001", FIRE, 1), row(4, "0002", OPENING)]
ACTS = [Acted(10, 1), Acted(11, 2)]


def test_a_sound_round_is_found_sound() -> None:
    verdict = judge(FRAMES, ROWS, ACTS)

    assert verdict.sound
    assert (verdict.signals, verdict.copies, verdict.faults) == (3, 1, [])


@pytest.mark.parametrize(
    ("rows", "acts", "lost", "doubled", "invented"),
    [
        pytest.param(ROWS[1:], ACTS, 1, 0, 0, id="only a copy is stored"),
        pytest.param(ROWS[:3], ACTS, 1, 0, 0, id="not stored"),
        pytest.param(ROWS, ACTS[:1], 1, 0, 0, id="in no incident"),
        pytest.param([*ROWS, row(5, "0002", OPENING, 2)], ACTS, 1, 0, 0, id="marked as a copy of another event"),
        pytest.param([*ROWS, row(5, "0002", OPENING)], ACTS, 0, 1, 0, id="a copy without a mark"),
        pytest.param(ROWS, [*ACTS, Acted(12, 1)], 0, 1, 0, id="in two incidents"),
        pytest.param(ROWS, [*ACTS, Acted(10, 3)], 0, 1, 0, id="its copy in an incident"),
        pytest.param([*ROWS, row(5, "0009", FIRE)], ACTS, 0, 0, 1, id="stored out of nothing"),
    ],
)
def test_a_fault_is_found(rows: list[Stored], acts: list[Acted], lost: int, doubled: int, invented: int) -> None:
    verdict = judge(FRAMES, rows, acts)

    assert (verdict.lost, verdict.doubled, verdict.invented) == (lost, doubled, invented)
    assert not verdict.sound
    assert len(verdict.faults) == 1


def test_what_is_kept_from_the_queue_needs_no_incident() -> None:
    verdict = judge([frame("0001", FIRE)], [row(1, "0001", FIRE, suppressed=True)], [])

    assert verdict.sound
    assert verdict.suppressed == 1


def test_of_a_flood_nobody_acts_upon_the_bulk() -> None:
    flood = [row(1, "0001", FIRE), row(2, "0001", FIRE, suppressed=True), row(3, "0001", FIRE, 1)]

    assert judge([frame("0001", FIRE)], flood, [Acted(10, 1)]).sound
    assert judge([frame("0001", FIRE)], flood, [Acted(10, 1), Acted(10, 2)]).doubled == 1
    assert judge([frame("0001", FIRE)], flood, []).lost == 1


def test_a_panel_keeps_its_order() -> None:
    frames = [frame("0001", FIRE), frame("0002", FIRE)]
    first, second = row(7, "0001", FIRE), row(8, "0002", FIRE)

    assert judge(frames, [first, second], [Acted(1, 7), Acted(1, 8)]).sound
    assert judge(frames, [second, first], [Acted(1, 7), Acted(1, 8)]).disordered == 1
    assert judge(frames, [first, second], [Acted(1, 8), Acted(1, 7)]).disordered == 1
    # Two incidents have no order between them.
    assert judge(frames, [first, second], [Acted(1, 8), Acted(2, 7)]).sound


def test_verdicts_add_up() -> None:
    total = Verdict()
    total.add(judge(FRAMES, ROWS, ACTS))
    total.add(judge(FRAMES, ROWS[1:], ACTS))

    assert (total.signals, total.lost, len(total.faults)) == (6, 1, 1)
