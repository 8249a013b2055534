"""Which path a frame came by."""

from __future__ import annotations

import pytest

from receiver.supervision.recognition import NO_PATH
from station.paths import Category, Path, every
from station.signals import Transport
from station.store.paths import PathChanges
from tests.receiver.supervision.sites import ROOM, add, no_paths, of, rows

TCP, UDP = Transport.TCP, Transport.UDP


def test_the_only_path_takes_every_frame() -> None:
    paths = no_paths()
    (slot,) = add(paths, 7, every(60))
    assert paths.slot(7, TCP, None, None, None) == slot
    assert paths.slot(7, UDP, "1A", "2", 5) == slot
    assert paths.slot(8, TCP, None, None, None) == NO_PATH


@pytest.mark.parametrize(
    ("transport", "prefix", "receiver", "network_path", "number"),
    [
        (TCP, None, None, None, 1),
        (TCP, "0", "0", 1, 1),
        (TCP, None, None, 2, 2),
        (UDP, None, None, None, 3),
        # What names more of the frame stands before what names less.
        (UDP, "00a", "1", None, 4),
        # Of two that name as much, the lower number.
        (UDP, None, None, 2, 2),
    ],
)
def test_of_several_the_one_that_names_most(
    transport: Transport, prefix: str | None, receiver: str | None, network_path: int | None, number: int
) -> None:
    paths = no_paths()
    slots = add(
        paths,
        7,
        every(60),
        Path(number=2, category=Category.DP3, network_path=2),
        Path(number=3, category=Category.DP3, transport=UDP),
        Path(number=4, category=Category.DP3, transport=UDP, prefix="A", receiver="1"),
    )
    assert paths.slot(7, transport, prefix, receiver, network_path) == slots[number - 1]


def test_a_frame_that_no_path_describes_is_of_none() -> None:
    paths = no_paths()
    add(paths, 7, Path(number=1, category=Category.SP4, transport=Transport.TLS))
    assert paths.slot(7, TCP, None, None, None) == NO_PATH
    assert paths.slot(7, Transport.TLS, None, None, None) != NO_PATH


def test_a_changed_path_keeps_what_is_known_of_it() -> None:
    paths = no_paths()
    (slot,) = add(paths, 7, every(60), heard_s=100.0)
    paths.arrays.heard_from(slot, 200.0)
    paths.apply(PathChanges(2, [7], rows(7, every(3600), first_slot=slot, heard_s=150.0)))
    assert paths.arrays.heard[slot] == 200.0
    assert paths.arrays.limit[slot] == 3957.0


def test_what_is_gone_is_watched_no_more() -> None:
    paths = no_paths()
    kept, gone = add(paths, 7, of(Category.DP3), of(Category.DP3, 2))
    paths.apply(PathChanges(2, [7], rows(7, of(Category.DP3), first_slot=kept)))
    assert paths.arrays.limit[[kept, gone]].tolist() == [177.0, 0.0]
    assert paths.slot(7, TCP, None, None, 2) == kept
    assert paths.arrays.paths_of(kept) == [kept]
    paths.apply(PathChanges(3, [7], []))
    assert paths.arrays.limit[kept] == 0.0
    assert len(paths) == 0
    assert paths.slot(7, TCP, None, None, None) == NO_PATH


def test_what_finds_no_room_is_counted() -> None:
    paths = no_paths()
    paths.apply(PathChanges(1, [], rows(7, every(60), first_slot=ROOM)))
    assert paths.left_out == 1
    assert paths.slot(7, TCP, None, None, None) == NO_PATH
