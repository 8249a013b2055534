"""Many paths lost at once become one matter, except those that a burglar would hide among."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from receiver.supervision.arrays import ARMED
from receiver.supervision.networks import network
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.storms import Sorted, Storms
from station.paths import Category, every
from tests.receiver.supervision.sites import add, no_paths, of

NOW_S = 1_700_000_000.0
SETTINGS = SupervisionSettings(storm_accounts=10, storm_within_s=120.0, storm_share=0.2, storm_flood=100)
UDP, TCP = 2, 1


def sites(
    paths: Paths, count: int, host: str, *, grade: int | None = None, transport: int = UDP, receiver: bytes = b""
) -> list[int]:
    """Single paths of as many accounts behind one network; their slots."""
    arrays = paths.arrays
    slots = [add(paths, arrays.used, every(60), heard_s=NOW_S, grade=grade)[0] for _ in range(count)]
    arrays.network[slots] = network(host)
    arrays.transport[slots] = transport
    arrays.receiver[slots] = receiver
    return slots


def lose(paths: Paths, storms: Storms, slots: Iterable[int], now_s: float, cut_off: Sequence[int] = ()) -> Sorted:
    lost = np.array(sorted(slots))
    paths.arrays.lose(lost, now_s)
    return storms.sort(lost, cut_off, now_s)


def test_a_carrier_that_fails_is_one_matter() -> None:
    paths = no_paths()
    carrier, others = sites(paths, 30, "198.51.100.1"), sites(paths, 30, "203.0.113.1")
    became = lose(paths, storms := Storms(paths.arrays, SETTINGS), [*carrier, others[0]], NOW_S)
    assert became.alone == [others[0]]
    assert became.folded == {"panels of 198.51.100.0/24": carrier}
    assert storms.lasting["panels of 198.51.100.0/24"].peak == 30


def test_a_few_at_a_time_are_no_storm() -> None:
    paths = no_paths()
    carrier = sites(paths, 30, "198.51.100.1")
    storms = Storms(paths.arrays, SETTINGS)
    for place, slot in enumerate(carrier):
        assert lose(paths, storms, [slot], NOW_S + 13 * place).folded == {}


def test_a_storm_that_comes_in_pieces_takes_in_what_follows() -> None:
    paths = no_paths()
    carrier = sites(paths, 30, "198.51.100.1")
    storms = Storms(paths.arrays, SETTINGS)
    alone = [slot for slot in carrier[:20] if lose(paths, storms, [slot], NOW_S).alone]
    assert alone == carrier[:10]
    # Two minutes after it last grew it is over as a cause: what is lost then is a matter of its own.
    assert lose(paths, storms, [carrier[20]], NOW_S + 119).alone == []
    assert lose(paths, storms, [carrier[21]], NOW_S + 119 + 121).alone == [carrier[21]]


def test_some_of_very_many_are_no_storm() -> None:
    paths = no_paths()
    carrier = sites(paths, 100, "198.51.100.1")
    assert lose(paths, Storms(paths.arrays, SETTINGS), carrier[:15], NOW_S).folded == {}


def test_what_shares_a_receiver_a_transport_or_nothing() -> None:
    paths = no_paths()
    hosts = [f"10.0.{net}.1" for net in range(90)]
    north = [slot for host in hosts[:30] for slot in sites(paths, 1, host, receiver=b"north", transport=TCP)]
    south = [slot for host in hosts[30:60] for slot in sites(paths, 1, host, receiver=b"south", transport=TCP)]
    cellular = [slot for host in hosts[60:] for slot in sites(paths, 1, host)]

    def folded(slots: list[int]) -> set[str]:
        return set(lose(paths, Storms(paths.arrays, SETTINGS), slots, NOW_S).folded)

    assert folded(north) == {"panels at receiver north"}
    assert folded(cellular) == {"panels over udp"}
    assert folded(north[:5] + south[:5] + cellular[:5]) == set()
    assert folded(north[:5] + south[:5] + cellular[:9]) == {"panels everywhere"}


def test_hundreds_are_one_matter_whatever_they_share() -> None:
    paths = no_paths()
    everyone = [slot for net in range(250) for slot in sites(paths, 8, f"10.0.{net}.1", transport=0)]
    lost = everyone[::19]
    became = lose(paths, Storms(paths.arrays, SETTINGS), lost, NOW_S)
    assert became.folded == {"panels everywhere": lost}


def test_high_grades_are_never_folded_in() -> None:
    paths = no_paths()
    homes = sites(paths, 30, "198.51.100.1", grade=2)
    shops = sites(paths, 1, "198.51.100.1", grade=3) + sites(paths, 1, "198.51.100.1", grade=4)
    became = lose(paths, Storms(paths.arrays, SETTINGS), homes + shops, NOW_S)
    assert became.alone == shops


def test_sites_with_another_signal_within_half_an_hour_are_never_folded_in() -> None:
    paths = no_paths()
    carrier = sites(paths, 30, "198.51.100.1")
    paths.arrays.signal[carrier[0]] = NOW_S - 1800
    paths.arrays.signal[carrier[1]] = NOW_S - 1801
    storms = Storms(paths.arrays, SETTINGS)
    assert lose(paths, storms, carrier, NOW_S).alone == [carrier[0]]
    # And one that tells something by another path leaves the crowd.
    assert storms.conspicuous((), NOW_S + 1) == []
    paths.arrays.signal[carrier[5]] = NOW_S + 5
    assert storms.conspicuous((), NOW_S + 6) == [carrier[5]]
    assert storms.conspicuous((), NOW_S + 7) == []


def test_sites_whose_several_paths_are_all_lost_are_never_folded_in() -> None:
    paths = no_paths()
    carrier = sites(paths, 30, "198.51.100.1")
    dual = add(paths, 9999, of(Category.DP3), of(Category.DP3, 2), heard_s=NOW_S)
    paths.arrays.network[dual] = network("198.51.100.1")
    storms = Storms(paths.arrays, SETTINGS)
    # The primary path alone is one of many; with the other one gone too, both stand for themselves.
    assert dual[0] not in lose(paths, storms, [*carrier, dual[0]], NOW_S).alone
    assert lose(paths, storms, [dual[1]], NOW_S + 60, cut_off=[dual[0]]).alone == [dual[1]]
    assert storms.conspicuous([dual[0]], NOW_S + 60) == [dual[0]]


def test_an_armed_site_that_is_alone_in_its_neighbourhood_is_never_folded_in() -> None:
    paths = no_paths()
    everywhere = [slot for net in range(15) for slot in sites(paths, 2, f"10.0.{net}.1", receiver=b"north")]
    (lonely,) = sites(paths, 1, "10.9.9.1", receiver=b"north")
    (crowded,) = sites(paths, 1, "10.0.3.1", receiver=b"north")
    (disarmed,) = sites(paths, 1, "10.9.8.1", receiver=b"north")
    paths.arrays.armed[[lonely, crowded]] = ARMED
    became = lose(paths, Storms(paths.arrays, SETTINGS), [*everywhere, lonely, crowded, disarmed], NOW_S)
    assert became.alone == [lonely]
    assert became.folded == {"panels at receiver north": sorted([*everywhere, crowded, disarmed])}


def test_what_comes_back_clears_quietly_and_most_of_it_ends_the_storm() -> None:
    paths = no_paths()
    carrier = sites(paths, 30, "198.51.100.1")
    storms = Storms(paths.arrays, SETTINGS)
    lose(paths, storms, carrier, NOW_S)
    assert storms.back([*carrier[:23], 4000]) == set(carrier[:23])
    assert storms.over() == []
    storms.back(carrier[23:24])
    (ended,) = storms.over()
    assert ended.members == set(carrier[24:])
    assert storms.lasting == {}


def test_a_storm_is_taken_over_by_another_sweeper() -> None:
    paths = no_paths()
    carrier = sites(paths, 30, "198.51.100.1")
    storms = Storms(paths.arrays, SETTINGS)
    for slot in carrier[:20]:
        storms.resume("panels of 198.51.100.0/24", [slot])
    # It grows no more by itself.
    assert lose(paths, storms, carrier[20:21], NOW_S).alone == carrier[20:21]
    assert storms.back(carrier[:16]) == set(carrier[:16])
    assert [storm.members for storm in storms.over()] == [set(carrier[16:20])]
