"""Usual frames are read in one go, and come to exactly what the general reading would make of them."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from receiver.accounts import PanelAccounts
from receiver.clock.settings import ClockSettings
from receiver.clock.watching import ClockWatch
from receiver.conversation import Ignored, frames_of_datagram
from receiver.intake import Intake, Moment, Sender, Taken
from receiver.journal import Entry
from receiver.limits import Limits
from receiver.runaway import Runaway
from receiver.runaway_rules import RunawayRules
from receiver.sources import Source, source
from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.signs import Signs
from receiver.usual import usual_frame
from receiver.watch.watching import Watch
from station.paths import Category, Path, every
from station.signals import Kind, Signal, Transport
from station.station_key import StationKey
from station.store.panel_accounts import AccountChanges, PanelAccountRow
from tests.fuzz.inputs import CAPTURED, traffic
from tests.receiver.peers import written, written_binary, written_with_cr
from tests.receiver.supervision.sites import add, no_paths

NOW = dt.datetime(2026, 6, 15, 12, 0, 5, tzinfo=dt.UTC)
BURGLARY = written(b'"SIA-DCS"0003R1L1A#00A1B2[#00A1B2|Nri1/BA003^Front door^]_12:00:00,06-15-2026')
#: Numbers of accounts that the receivers below know; the last one's frames should be encrypted.
KNOWN, KEYED = ("1234", "00A1B2", "ABCDEF0123456789"), "7777"

# Frames --------------------------------------------------------------------------------------------------------------

numbers = st.sampled_from((*KNOWN, KEYED, "9999", "1"))
events = st.sampled_from(
    (b"Nri1/BA003", b"NBA003", b"Nri02/OP0007", b"NCL1", b"NFA", b"NRP0", b"NZZ12", b"Nri1/QQ", b"1130 01 003",
     b"3401 02 007", b"1602 00 000", b"6999 99 999", b"NBA003/BA004", b"Nid5/OP5", b"ORP", b"nonsense", b"")
)  # fmt: skip
texts = st.one_of(
    st.just(b""),
    st.binary(max_size=12).map(lambda text: b"^%b^" % text),
    st.text("aB ][x^|'_~Ñ", max_size=12).map(lambda text: b"^%b^" % text.encode()),
)
stamps = st.sampled_from((b"", b"_12:00:00,06-15-2026", b"_99:99:99,99-99-9999", b"_00:00:00,02-30-2014", b"_1:2"))
extended = st.sampled_from((b"", b"", b"", b"[G2]", b"[Vhttp://v.example/1]", b"[Iroom]"))


@st.composite
def reports(draw: st.DrawFn) -> bytes:
    """A frame that is usual, or nearly."""
    token = draw(st.sampled_from((b"SIA-DCS", b"ADM-CID", b"NULL", b"XNM", b"SIA-PUL")))
    number = draw(numbers).encode()
    sequence = draw(st.sampled_from((b"0001", b"9999", b"0000", b"000C")))
    routes = draw(st.sampled_from((b"L0", b"R1L1A", b"R0L", b"", b"R", b"L00BEEF", b"Rc0ffdL1")))
    data = draw(events)
    said = b"#%b|%b%b" % (draw(st.sampled_from((number, b"1234"))), data, draw(texts)) if data else b""
    body = b'"%b"%b%b#%b[%b]%b%b' % (token, sequence, routes, number, said, draw(extended), draw(stamps))
    return draw(st.sampled_from((written, written, written, written_binary, written_with_cr)))(body)


# Receivers -----------------------------------------------------------------------------------------------------------


@attrs.define
class Submitted:
    """A journal that only holds what it is given."""

    entries: list[tuple[int, Entry]] = attrs.Factory(list)

    def submit(self, origin: int, entry: Entry) -> None:
        self.entries.append((origin, entry))


class Receiving:
    """An intake and all that it tells."""

    def __init__(self) -> None:
        accounts = PanelAccounts(key := StationKey.generate())
        accounts.apply(AccountChanges(last=1, gone=[], rows=[
            PanelAccountRow(id=place, number=number, prefix=None, receiver=None, window_past_s=40, window_future_s=20,
                            key_sealed=key.seal(bytes(16)) if number == KEYED else None)
            for place, number in enumerate((*KNOWN, KEYED), start=1)
        ]))  # fmt: skip
        self.paths = no_paths()
        add(self.paths, 1, every(60))
        add(self.paths, 2, every(60), Path(number=2, category=Category.CUSTOM, interval_s=60, network_path=2))
        self.told: list[Signal] = []
        self.signs = Signs(self.paths, SupervisionSettings(), self.told.append)
        self.runaway = Runaway(RunawayRules(runaway_burst=5))
        self.journal, self.answers = Submitted(), list[bytes]()
        self.intake = Intake(
            accounts,
            self.journal,  # type: ignore[arg-type]  # all that is asked of it here
            self.signs, self.runaway, Watch(), ClockWatch(ClockSettings()), Limits(account_frames_per_s=40),
        )  # fmt: skip

    def generally(self, data: bytes, came_from: Source, moment: Moment) -> Taken:
        (frame,), noise = frames_of_datagram(data)
        assert not noise
        assert not isinstance(frame, Ignored)
        return self.intake.take(frame, came_from, self.answers.append, moment)

    def in_one_go(self, data: bytes, came_from: Source, moment: Moment) -> Taken | None:
        return self.intake.take_usual(data, came_from, self.answers.append, moment)

    def effects(self) -> object:
        """Everything that a frame may leave behind."""
        for _, entry in self.journal.entries:
            entry.committed()
        arrays = self.paths.arrays
        columns = (arrays.heard, arrays.sent, arrays.source, arrays.transport, arrays.signal, arrays.armed)
        entries = [(origin, *entry[:4], entry.signals()) for origin, entry in self.journal.entries]
        return (
            [(origin, list(rows), at, reply, list(kinds), list(signals))
             for origin, rows, at, reply, kinds, signals in entries],
            self.answers, [column[:4].tolist() for column in columns], self.signs.tests, self.told,
            self.runaway.flooding, self.runaway.suppressed,
        )  # fmt: skip


# Tests ---------------------------------------------------------------------------------------------------------------


@settings(max_examples=400)
@given(st.lists(st.tuples(reports(), st.sampled_from(Transport), st.floats(0, 3)), max_size=12))
def test_what_is_read_in_one_go_comes_to_the_same(came: Sequence[tuple[bytes, Transport, float]]) -> None:
    one, other = Receiving(), Receiving()
    now_s = 0.0
    for place, (data, transport, later_s) in enumerate(came):
        now_s += later_s
        moment = Moment(NOW + dt.timedelta(seconds=now_s), now_s)
        came_from = source(transport, ("192.0.2.7", 40000 + place % 2), place % 2)
        taken = one.in_one_go(data, came_from, moment)
        if taken is None:
            taken = one.generally(data, came_from, moment)
        assert taken == other.generally(data, came_from, moment)
    assert one.effects() == other.effects()


@given(traffic)
def test_whatever_comes_a_usual_frame_is_the_only_one_in_it(data: bytes) -> None:
    if usual_frame(data) is not None:
        (frame,), noise = frames_of_datagram(data)
        assert not isinstance(frame, Ignored)
        assert (frame.raw, noise) == (data, 0)


def test_a_burglary_is_read_in_one_go() -> None:
    receiving = Receiving()

    taken = receiving.in_one_go(BURGLARY, source(Transport.TCP, ("192.0.2.7", 40001), 1), Moment(NOW, 0.0))

    assert taken == Taken(Sender.KNOWN, 1)
    assert receiving.answers == []
    ((_, entry),) = receiving.journal.entries
    (signal,) = entry.signals()
    assert (signal.kind, signal.event_code, signal.area, signal.zone) == (Kind.BURGLARY, "BA", "1", "003")
    assert (signal.text, signal.account_id) == ("Front door", 2)
    entry.committed()
    # DC-09 worked example E4a.
    assert receiving.answers == [b'\n08E50017"ACK"0003R1L1A#00A1B2[]\r']


def test_real_panels_send_usual_frames() -> None:
    assert sum(usual_frame(data) is not None for data in CAPTURED) >= 10


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(lambda frame: frame[:-1], id="not at its end yet"),
        pytest.param(lambda frame: frame + frame, id="two"),
        pytest.param(lambda frame: frame + b"\0", id="NUL behind it"),
        pytest.param(lambda frame: frame.replace(b"BA003", b"BA004"), id="wrong CRC"),
        pytest.param(lambda frame: frame[:5] + b"004C" + frame[9:], id="wrong length"),
        pytest.param(lambda frame: frame.replace(b"D9BB", b"d9bb"), id="lower case"),
        pytest.param(lambda _: written(b'"*SIA-DCS"0003L0#1234[0123456789ABCDEF0123456789ABCDEF'), id="encrypted"),
        pytest.param(lambda _: written(b'"SIA-DCS"0003L0#1234[#1234|Nri1/BA003/BA004]'), id="two events"),
        pytest.param(lambda _: written(b'"SIA-DCS"0003L0#1234[#1234|NBA003][G2]'), id="extended data"),
        pytest.param(lambda _: written(b'"SIA-DCS"0003L0#1234[#1234|NBA003^a][Ib^]'), id="extended data in a text"),
        pytest.param(lambda _: written(b'"SIA-DCS"0003L0#1234[#5678|NBA003]'), id="two accounts"),
        pytest.param(lambda _: written(b'"SIA-DCS"0003L0#1234[]'), id="no data"),
        pytest.param(lambda _: written(b'"ADM-CID"0003L0#1234[#1234|NBA003^a^]'), id="data of another token"),
        pytest.param(lambda _: written(b'"NULL"0003L0#1234[#1234|NRP0]'), id="a link test that says something"),
    ],
)
def test_everything_else_is_left_to_the_general_reading(changed: Callable[[bytes], bytes]) -> None:
    assert usual_frame(BURGLARY) is not None
    assert usual_frame(changed(BURGLARY)) is None


@pytest.mark.parametrize("number", [KEYED, "9999"], ids=["has a key", "unknown"])
def test_only_known_accounts_without_a_key_are_read_so(number: str) -> None:
    receiving = Receiving()
    data = written(b'"SIA-DCS"0003L0#%b[#%b|NBA003]' % (number.encode(), number.encode()))

    assert receiving.in_one_go(data, source(Transport.TCP, ("192.0.2.7", 1), 1), Moment(NOW, 0.0)) is None
    assert receiving.journal.entries == []


def test_a_flood_is_left_to_the_general_reading() -> None:
    receiving = Receiving()
    take = functools.partial(
        receiving.in_one_go, came_from=source(Transport.TCP, ("192.0.2.7", 1), 1), moment=Moment(NOW, 0.0)
    )

    taken = [take(written(b'"ADM-CID"%04dL0#1234[#1234|1130 01 003]' % n)) for n in range(7)]

    assert [one is not None for one in taken] == [True] * 5 + [False] * 2
