"""What counts as a sign of life, and what a frame tells beside it."""

from __future__ import annotations

import attrs
import pytest

from receiver.supervision.arrays import ARMED, DISARMED, UNKNOWN
from receiver.supervision.recognition import Paths
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import Signs
from station.paths import Category, every
from station.signals import Authenticity, Kind, Qualifier, Signal, Transport
from tests.dispatcher.writers import a_signal
from tests.receiver.supervision.sites import add, no_paths, of

NOW_S = 1_700_000_000.0
SETTINGS = SupervisionSettings(new_address_shown_s=3600.0)


@attrs.define
class Site:
    """Account 7 with some paths, and the signs that are noted of it."""

    paths: Paths
    slots: list[int]
    signs: Signs
    reported: list[Signal]

    def frame(
        self,
        now_s: float = NOW_S,
        authenticity: Authenticity = Authenticity.UNPROVEN,
        sent_s: float | None = None,
        host: str = "198.51.100.7",
        network_path: int | None = None,
    ) -> bool:
        """A frame comes; whether it was a sign of life."""
        before = self.paths.arrays.heard.copy()
        self.signs.frame(7, "1234", authenticity, sent_s, host, Transport.UDP, None, None, network_path, now_s)
        return bool((self.paths.arrays.heard != before).any())


@pytest.fixture
def site() -> Site:
    paths = no_paths(SETTINGS)
    slots = add(paths, 7, of(Category.DP3), of(Category.DP3, 2))
    reported: list[Signal] = []
    return Site(paths, slots, Signs(paths, SETTINGS, reported.append, receiver="north"), reported)


def test_a_frame_is_a_sign_of_life_of_its_path_alone(site: Site) -> None:
    assert site.frame(NOW_S)
    assert site.frame(NOW_S + 5, network_path=2)
    assert site.paths.arrays.heard[site.slots].tolist() == [NOW_S, NOW_S + 5]


@pytest.mark.parametrize(
    "doubtful",
    [Authenticity.CLEAR_TEXT, Authenticity.NO_KEY, Authenticity.WRONG_KEY],
)
def test_what_proves_nothing_though_a_key_exists_is_none(site: Site, doubtful: Authenticity) -> None:
    assert not site.frame(NOW_S, doubtful, NOW_S)


def test_recorded_link_tests_do_not_hide_a_cut_panel(site: Site) -> None:
    proven = Authenticity.AUTHENTICATED
    assert site.frame(NOW_S, proven, NOW_S - 1)
    # The same again within the window of time, an older one, one without a time: no.
    assert not site.frame(NOW_S + 10, proven, NOW_S - 1)
    assert not site.frame(NOW_S + 11, proven, NOW_S - 30)
    assert not site.frame(NOW_S + 12, proven, None)
    assert site.frame(NOW_S + 30, proven, NOW_S + 29)
    # Each path has its own newest time: both may report in the same second.
    assert site.frame(NOW_S + 30, proven, NOW_S + 29, network_path=2)


def test_a_new_address_in_clear_text_is_shown_once_an_hour(site: Site) -> None:
    site.frame(NOW_S)
    site.frame(NOW_S + 1)
    assert site.reported == []
    site.frame(NOW_S + 2, host="203.0.113.9")
    (shown,) = site.reported
    assert (shown.kind, shown.account, shown.account_id) == (Kind.SYSTEM, "1234", 7)
    assert "203.0.113.9" in shown.text
    site.frame(NOW_S + 3, host="198.51.100.7")
    assert len(site.reported) == 1
    site.frame(NOW_S + 3700, host="203.0.113.9")
    assert len(site.reported) == 2


def test_a_key_proves_more_than_an_address(site: Site) -> None:
    site.frame(NOW_S, Authenticity.AUTHENTICATED, NOW_S)
    site.frame(NOW_S + 60, Authenticity.AUTHENTICATED, NOW_S + 60, host="203.0.113.9")
    assert site.reported == []


def test_where_frames_come_from_is_known_for_storms(site: Site) -> None:
    site.frame(host="198.51.100.7")
    first = int(site.paths.arrays.network[site.slots[0]])
    assert site.paths.arrays.receiver[site.slots[0]] == b"north"
    site.frame(host="198.51.100.250")
    assert site.paths.arrays.network[site.slots[0]] == first
    site.frame(host="2001:db8::1")
    assert site.paths.arrays.network[site.slots[0]] != first


def a_report(kind: Kind, qualifier: Qualifier = Qualifier.NEW, proof: Authenticity = Authenticity.UNPROVEN) -> Signal:
    return a_signal(kind, qualifier, account_id=7, authenticity=proof)


def test_openings_and_closings_tell_whether_a_site_is_armed(site: Site) -> None:
    armed, primary = site.paths.arrays.armed, site.slots[0]
    assert armed[primary] == UNKNOWN
    site.signs.signals([a_report(Kind.OPEN_CLOSE, Qualifier.CLOSING)], NOW_S)
    assert armed[primary] == ARMED
    site.signs.signals([a_report(Kind.OPEN_CLOSE, Qualifier.OPENING, Authenticity.CLEAR_TEXT)], NOW_S)
    assert armed[primary] == ARMED
    site.signs.signals([a_report(Kind.BURGLARY)], NOW_S)
    assert armed[primary] == ARMED
    site.signs.signals([a_report(Kind.BURGLARY), a_report(Kind.OPEN_CLOSE, Qualifier.OPENING)], NOW_S + 9)
    assert armed[primary] == DISARMED
    assert site.paths.arrays.signal[primary] == NOW_S + 9


def test_link_tests_are_no_signals_and_test_reports_are_noted(site: Site) -> None:
    site.signs.signals([a_report(Kind.LINK_TEST)], NOW_S)
    assert site.paths.arrays.signal[site.slots[0]] == 0
    site.signs.signals([a_report(Kind.TEST, proof=Authenticity.WRONG_KEY)], NOW_S)
    assert site.signs.tests == {}
    site.signs.signals([a_report(Kind.TEST)], NOW_S)
    assert site.signs.tests == {7: NOW_S}


def test_a_test_report_counts_where_no_path_is_supervised() -> None:
    paths = no_paths()
    reported: list[Signal] = []
    signs = Signs(paths, SETTINGS, reported.append)
    signs.signals([a_report(Kind.TEST)], NOW_S)
    assert signs.tests == {7: NOW_S}
    add(paths, 8, every(60))
    assert paths.arrays.signal[0] == 0


def test_what_a_hardware_receiver_relays_is_a_sign_of_life_without_an_address(site: Site) -> None:
    arrays, primary = site.paths.arrays, site.slots[0]
    stranger = a_signal(Kind.BURGLARY, account_id=None)
    doubtful = a_report(Kind.BURGLARY, proof=Authenticity.CLEAR_TEXT)
    site.signs.relayed([stranger, doubtful], NOW_S)
    assert arrays.heard[primary] == 0
    site.signs.relayed([stranger, a_report(Kind.OPEN_CLOSE, Qualifier.CLOSING)], NOW_S)
    assert (arrays.heard[primary], arrays.signal[primary], arrays.armed[primary]) == (NOW_S, NOW_S, ARMED)
    assert (arrays.source[primary], site.reported) == (0, [])
