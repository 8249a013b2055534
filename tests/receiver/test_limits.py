"""Who has to make room, who waits, and who never does: the rules of abuse, without sockets."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from receiver.limits import Limits, a_tick, check_limits
from receiver.newcomers import Newcomers, Paused, Tally, Vouchers, sender_at

LIMITS = Limits(newcomer_connections=3, newcomer_grace_s=10.0, account_connections=2)
#: Connections that come from one of three addresses, and how long after the one before.
ARRIVALS = st.lists(st.tuples(st.sampled_from(["192.0.2.1", "192.0.2.2", "192.0.2.3"]), st.floats(0, 20)), max_size=60)


# Newcomers -----------------------------------------------------------------------------------------------------------


@given(ARRIVALS)
def test_an_address_keeps_its_latest_and_those_that_had_no_time_yet(arrivals: list[tuple[str, float]]) -> None:
    newcomers: Newcomers[int] = Newcomers(LIMITS)
    came_at_s, now_s = {}, 0.0
    for number, (address, later_s) in enumerate(arrivals):
        now_s += later_s
        newcomers.add(number, address, now_s)
        came_at_s[number] = (address, now_s)

    leaving = set(newcomers.too_many(now_s))

    for number, (address, at_s) in came_at_s.items():
        later = sum(other > number and whose == address for other, (whose, _) in came_at_s.items())
        assert (number in leaving) == (later >= 3 and now_s - at_s >= 10)


@given(ARRIVALS, st.sets(st.integers(0, 59)))
def test_who_is_known_or_gone_is_no_newcomer(arrivals: list[tuple[str, float]], gone: set[int]) -> None:
    newcomers: Newcomers[int] = Newcomers(LIMITS)
    for number, (address, _) in enumerate(arrivals):
        newcomers.add(number, address, 0.0)
    for number in (*gone, *gone):
        newcomers.forget(number)

    assert len(newcomers) == len(set(range(len(arrivals))) - gone)
    assert not gone & {*newcomers.too_many(99.0), *newcomers.make_room()}


def test_when_descriptors_run_out_the_most_crowded_address_makes_room() -> None:
    newcomers: Newcomers[int] = Newcomers(LIMITS)
    newcomers.add(0, "198.51.100.1", 0.0)
    for number in range(1, 1001):
        newcomers.add(number, "192.0.2.1", 1.0)

    leaving = newcomers.make_room()

    assert leaving[:2] == [1, 2]
    assert 0 not in leaving
    assert len(leaving) <= 500


def test_when_descriptors_run_out_and_all_are_known_nobody_has_to_go() -> None:
    newcomers: Newcomers[int] = Newcomers(LIMITS)
    newcomers.add(1, "192.0.2.1", 0.0)
    assert newcomers.make_room() == [1]
    newcomers.forget(1)

    assert newcomers.make_room() == []


@pytest.mark.parametrize(
    ("host", "sender"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
    ],
)
def test_a_whole_ipv6_subscriber_counts_as_one_sender(host: str, sender: str) -> None:
    assert sender_at(host) == sender


# Accounts ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), max_size=80))
def test_an_account_vouches_for_its_latest_connections(slots: list[int]) -> None:
    vouchers: Vouchers[int] = Vouchers(LIMITS)
    vouched: dict[int, int] = {}
    for connection, slot in enumerate(slots):
        vouched[connection] = slot
        no_longer = vouchers.vouch(slot, connection)
        mine = [other for other, whose in vouched.items() if whose == slot]
        assert no_longer == (mine[0] if len(mine) > 2 else None)
        if no_longer is not None:
            del vouched[no_longer]
    for connection, slot in vouched.items():
        vouchers.forget(slot, connection)

    assert vouchers.vouch(0, 1000) is None


# Rates ---------------------------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 20), st.integers(1, 40))
def test_a_sender_uses_up_its_own_share_and_then_that_of_all(senders: list[str], most: int, of_all: int) -> None:
    tally = Tally(of_all)
    for count, sender in enumerate(senders):
        assert tally.used_up(sender, most) == (senders[:count].count(sender) >= most or count >= of_all)
        tally.add(sender)
    tally.next_tick()

    assert not tally.used_up("a", most)


@given(st.lists(st.booleans(), max_size=40), st.sets(st.integers(0, 39)))
def test_known_panels_are_read_at_the_next_tick_and_newcomers_in_turn(newcomers: list[bool], gone: set[int]) -> None:
    paused: Paused[int] = Paused(5)
    for connection, newcomer in enumerate(newcomers):
        paused.add(connection, newcomer=newcomer)
    for connection in gone:
        paused.forget(connection)
    left = [connection for connection in range(len(newcomers)) if connection not in gone]
    waiting = [connection for connection in left if newcomers[connection]]

    assert paused.next_tick() == [connection for connection in left if not newcomers[connection]] + waiting[:5]
    assert paused.next_tick() == waiting[5:10]


@given(st.integers(1, 1_000_000))
def test_ten_ticks_allow_what_a_second_does(a_second: int) -> None:
    assert a_second <= 10 * a_tick(a_second) < a_second + 10


# Settings ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [field.name for field in attrs.fields(Limits)])
def test_a_limit_of_nothing_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^{name} must be more than 0"):
        check_limits(Limits, attrs.evolve(Limits(), **{name: 0}))


def test_strangers_can_have_no_more_than_all() -> None:
    check_limits(Limits, Limits(stranger_share=1.0))
    with pytest.raises(ValueError, match="stranger_share"):
        check_limits(Limits, Limits(stranger_share=1.5))


def test_a_silent_panel_is_not_hung_up_on_within_the_longest_supervision() -> None:
    # EN 50136-1: an alternative path of category DP1 reports every 50 hours.
    assert Limits().idle_s > 50 * 3600
