"""Habits of real panels 18 to 22: how they spell SIA DC-03 blocks, Contact ID and extended data."""

from __future__ import annotations

import datetime as dt

import pytest

from station.signals import Kind, Qualifier, Reply
from tests.receiver.peers import Captured, stamp, written
from tests.receiver.readings import NOW, account, captured_from, only_signal, reading

#: Code, address, area, user, text.
Said = tuple[str, str | None, str | None, str | None, str]


def by_name(captured: Captured) -> str:
    return captured.name


def sia(data: str, rest: bytes = b"") -> bytes:
    return written(b'"SIA-DCS"0001L0#1234[' + data.encode() + b"]" + rest)


def cid(data: str, rest: bytes = b"") -> bytes:
    return written(b'"ADM-CID"0001L0#1234[' + data.encode() + b"]" + rest)


def said(raw: bytes) -> list[Said]:
    return [
        (signal.event_code or "", signal.zone, signal.area, signal.user, signal.text)
        for signal in reading(raw, account()).signals
    ]


@pytest.mark.parametrize(
    ("data", "events"),
    [
        pytest.param("#1234|Nri1/BA001", [("BA", "001", "1", None, "")], id="by the book"),
        pytest.param(
            "#000110|Nri1BA503^Volum.Taverna   Appartam.Giorno ^",
            [("BA", "503", "1", None, "Volum.Taverna   Appartam.Giorno ")],
            id="INIM: no slash behind the area",
        ),
        pytest.param("#7303658550|NBA4", [("BA", "4", None, None, "")], id="G90: no area"),
        pytest.param("36214|NRP", [("RP", None, None, None, "")], id="PROSEC: nothing but the code"),
        pytest.param("3044|NOP1", [("OP", "1", None, None, "")], id="PROSEC: OP is no old event"),
        pytest.param("#1234|NNL2", [("NL", "2", None, None, "")], id="N and NL"),
        pytest.param("#1234|NL2", [("NL", "2", None, None, "")], id="NL without its N"),
        pytest.param("#51449|Nri0000/LR", [("LR", None, "0000", None, "")], id="an area of four digits"),
        pytest.param(
            "#1234|Nri01/CL501/ri02/CL501",
            [("CL", "501", "01", None, ""), ("CL", "501", "02", None, "")],
            id="two areas in one block",
        ),
        pytest.param("#1234|Nti19:44/id1/ri4/RP", [("RP", None, "4", "1", "")], id="Eaton: user before area"),
        pytest.param("#AA1234|Nri2/id15/OP", [("OP", None, "2", "15", "")], id="SATEL: area before user"),
        pytest.param("#ABCD|Npi0/AT", [("AT", None, None, None, "")], id="SATEL: module, no address"),
        pytest.param("#ABCD|Npi1/NL1", [("NL", "1", None, None, "")], id="Dahua: module"),
        pytest.param(
            "#1234|Nri01^TOTAL^/LX901^centrale d'alarme JA-106K(R)^",
            [("LX", "901", "01", None, "TOTAL centrale d'alarme JA-106K(R)")],
            id="Jablotron: text behind area and code",
        ),
        pytest.param(
            "#001365|NUA021*'detector hall'NM",
            [("UA", "021", None, None, "detector hall")],
            id="Aritech: text in apostrophes",
        ),
        pytest.param("|0|NRP", [("RP", None, None, None, "")], id="AlphaVision: one group more"),
        pytest.param("#1234|NRR|Atest", [("RR", None, None, None, "test")], id="text in a block of its own"),
        pytest.param(
            "#1234|Nri4/FA2/AFire AT zone/BA3",
            [("FA", "2", "4", None, "Fire AT zone/BA3")],
            id="Eaton: text behind a slash holds codes",
        ),
        pytest.param("#123456A|NFA129", [("FA", "129", None, None, "")], id="in the style of DC-04"),
        pytest.param("#0123|Nti20:50:26RP99", [("RP", "99", None, None, "")], id="no slash behind the time"),
        pytest.param(
            "#1234|Nti10:35/ri01/id001/pi010/BA1023",
            [("BA", "1023", "01", "001", "")],
            id="Galaxy: every modifier",
        ),
        pytest.param(
            "#1234|Nri1/BA003^Hall/BA9|NFA1^/TA4",
            [("BA", "003", "1", None, "Hall/BA9|NFA1"), ("TA", "4", "1", None, "")],
            id="slash and bar inside a text",
        ),
        pytest.param("Nri1/CL501", [("CL", "501", "1", None, "")], id="no account"),
    ],
)
@pytest.mark.parametrize("rest", [b"", stamp(NOW), b"[M0026b9e4268b]" + stamp(NOW)], ids=["bare", "time", "more"])
def test_habit_18_sia_dcs_in_every_spelling(data: str, rest: bytes, events: list[Said]) -> None:
    assert said(sia(data, rest)) == events
    assert reading(sia(data, rest), account()).said is Reply.ACK


@pytest.mark.parametrize("data", ["#1234|Nri1/QQ5", "#1234|garbage!", "#1234", "", "#1234|6"])
def test_habit_18_what_is_in_no_table_is_acknowledged_and_reaches_a_person(data: str) -> None:
    result = reading(sia(data), account())

    assert result.said is Reply.ACK
    assert result.signals[0].kind in {Kind.UNKNOWN_CODE, Kind.UNREADABLE}
    assert result.signals[0].payload == data


SENT = NOW.replace(hour=4)


@pytest.mark.parametrize(
    ("data", "times"),
    [
        pytest.param("Oti03:12/ri1/AT0", [SENT.replace(hour=3, minute=12)], id="today"),
        pytest.param("Oti23:59:30/ri1/BA3", [SENT.replace(day=14, hour=23, minute=59, second=30)], id="yesterday"),
        pytest.param("Oda06-01-26/ti23:59/ri1/BA3", [SENT.replace(day=1, hour=23, minute=59)], id="a date"),
        pytest.param("Oti03:12/da06-01-26/ri1/BA3", [SENT.replace(day=1, hour=3, minute=12)], id="the date behind"),
        pytest.param(
            "Oti03:12/ri1/BA3/ti03:14/BA4",
            [SENT.replace(hour=3, minute=12), SENT.replace(hour=3, minute=14)],
            id="two events with a time each",
        ),
        pytest.param("Ori1/BA3", [SENT], id="none but the frame's"),
        pytest.param("Oti25:70/ri1/BA3", [SENT], id="an absurd one"),
        # A live event happened now; its `ti` is often local time.
        pytest.param("Nti03:12/ri1/BA3", [SENT], id="a live event"),
    ],
)
def test_habit_18_a_stored_event_has_its_own_time(data: str, times: list[dt.datetime]) -> None:
    signals = reading(sia("#1234|" + data, stamp(SENT)), account(), SENT + dt.timedelta(seconds=3)).signals

    assert [signal.occurred_at for signal in signals] == times
    assert {signal.old for signal in signals} == {data.startswith("O")}
    assert {signal.received_at for signal in signals} == {SENT + dt.timedelta(seconds=3)}


def test_habit_18_a_stored_event_in_a_frame_without_time_is_dated_by_its_receipt() -> None:
    signal = only_signal(sia("#1234|Oti11:59/ri1/BA3"), account(), NOW + dt.timedelta(microseconds=5))

    assert signal.occurred_at == NOW - dt.timedelta(minutes=1)


def test_habit_18_copies_of_an_old_event_are_dated_by_their_own_frame() -> None:
    raw = sia("#1234|Oti03:12/ri1/BA3", stamp(SENT - dt.timedelta(days=300)))

    assert only_signal(raw, account()).occurred_at == SENT.replace(hour=3, minute=12) - dt.timedelta(days=300)


@pytest.mark.parametrize("captured", captured_from("INIM"), ids=by_name)
def test_habit_19_texts_of_fixed_width_keep_their_blanks(captured: Captured) -> None:
    (signal,) = reading(captured.raw, account()).signals

    assert signal.text == captured.signals[0]["text"]
    assert signal.text in captured.raw.decode()


def test_habit_19_a_run_of_blanks_is_neither_cut_nor_collapsed() -> None:
    assert only_signal(sia("#1234|Nri1/BA003^  Hall     1   ^")).text == "  Hall     1   "


@pytest.mark.parametrize(
    ("data", "event", "kind", "qualifier"),
    [
        ("#1234|1130 01 015", ("130", "015", "01"), Kind.BURGLARY, Qualifier.NEW),
        ("#1234|113001015", ("130", "015", "01"), Kind.BURGLARY, Qualifier.NEW),
        ("1064|1602 00 000", ("602", "000", "00"), Kind.TEST, Qualifier.NEW),
        ("1602 00 000", ("602", "000", "00"), Kind.TEST, Qualifier.NEW),
        # TEKNIM: the telephone form with its checksum.
        ("#1234|18160201000D", ("602", "000", "01"), Kind.TEST, Qualifier.NEW),
        ("#1234|18113001004C", ("130", "004", "01"), Kind.BURGLARY, Qualifier.NEW),
        ("#1234|18313001004A", ("130", "004", "01"), Kind.BURGLARY, Qualifier.RESTORE),
        # Trikdis.
        ("#1234|1130 99 999", ("130", "999", "99"), Kind.BURGLARY, Qualifier.NEW),
        ("#1234|6130 01 003", ("130", "003", "01"), Kind.BURGLARY, Qualifier.STATUS),
        ("#1234|3401 01 003", ("401", "003", "01"), Kind.OPEN_CLOSE, Qualifier.CLOSING),
        ("#1234|E130 01 003", ("130", "003", "01"), Kind.BURGLARY, Qualifier.NEW),
        ("#1234|R130 01 003", ("130", "003", "01"), Kind.BURGLARY, Qualifier.RESTORE),
        # Hikvision.
        ("#0000|0000 00 000", ("000", "000", "00"), Kind.UNKNOWN_CODE, Qualifier.NEW),
        ("#1234|1897 01 003", ("897", "003", "01"), Kind.UNKNOWN_CODE, Qualifier.NEW),
    ],
)
def test_habit_20_contact_id_in_every_spelling(
    data: str, event: tuple[str, str, str], kind: Kind, qualifier: Qualifier
) -> None:
    signal = only_signal(cid(data), account())

    assert (signal.event_code, signal.zone, signal.area) == event
    assert (signal.kind, signal.qualifier, signal.reply) == (kind, qualifier, Reply.ACK)


@pytest.mark.parametrize(
    ("groups", "extended"),
    [
        pytest.param(
            b"[X006E07.777][Y45N23.456][X094W23.456][Z123.2M]",
            (("X", "006E07.777"), ("Y", "45N23.456"), ("X", "094W23.456"), ("Z", "123.2M")),
            id="coordinates, one of them twice",
        ),
        pytest.param(b"[E77][Q?][W]", (("E", "77"), ("Q", "?"), ("W", "")), id="unknown letters"),
        pytest.param(b"[m0026][]", (("m", "0026"),), id="a small letter, and nothing at all"),
        pytest.param("[RSalão][SNº 3]".encode(), (("R", "Salão"), ("S", "Nº 3")), id="UTF-8"),
        pytest.param("[RSalão][SNº 3]".encode("cp1252"), (("R", "Salão"), ("S", "Nº 3")), id="Windows-1252"),
        pytest.param(b"[R\x81\xff]", (("R", "\x81ÿ"),), id="neither"),
        pytest.param(b"[M001122334455][N0A000001]", (("M", "001122334455"), ("N", "0A000001")), id="MAC and address"),
        pytest.param(b"[K]", (("K", ""),), id="a new key is asked for"),
        pytest.param(b"[J1]", (("J", "1"),), id="J of older editions"),
        pytest.param(
            b'[J{"zones":[1,2],"a":["x"]}][G2]',
            (("J", '{"zones":[1,2],"a":["x"]}'), ("G", "2")),
            id="J of newer editions",
        ),
    ],
)
@pytest.mark.parametrize("at", [b"", stamp(NOW)], ids=["no time", "time"])
def test_habit_21_extended_data_of_all_editions_is_kept(
    groups: bytes, at: bytes, extended: tuple[tuple[str, str], ...]
) -> None:
    for raw in (sia("#1234|Nri1/BA003", groups + at), cid("#1234|1130 01 003", groups + at)):
        signal = only_signal(raw, account())

        assert (signal.extended, signal.kind, signal.zone) == (extended, Kind.BURGLARY, "003")


@pytest.mark.parametrize(
    ("groups", "path"),
    [
        (b"[G2]", "2"),
        (b"[J1]", "1"),
        (b"[M0026b9e4268b][G2]", "2"),
        (b'[J{"a":1}][G1]', "1"),
        (b'[J{"a":1}]', None),
        (b"[N0A000001]", None),
        (b"", None),
    ],
)
def test_habit_21_the_network_path_is_g_or_a_j_of_one_character(groups: bytes, path: str | None) -> None:
    assert reading(cid("#1234|1130 01 003", groups), account()).network_path == path
    assert reading(written(b'"XNM"0001L0#1234[]' + groups), account()).network_path == path


@pytest.mark.parametrize(
    "link",
    [
        "http://verify.com/34AC4DE3446",
        "https://a.example/1.jpg,https://a.example/2.jpg,https://a.example/3.jpg",
        "https://a.example/v?a=1|2&b=[3]",
    ],
)
def test_habit_22_links_to_pictures_and_the_place_come_with_the_event(link: str) -> None:
    groups = f"[V{link}][SBloco A][LPiso 2][H11:58:30,06-15-2026][IHall PIR][X003W42.100][Y40N25.000]".encode()

    for raw in (sia("#1234|Nri1/BA003^Hall^", groups + stamp(NOW)), cid("#1234|1130 01 003", groups + stamp(NOW))):
        signal = only_signal(raw, account())
        held = dict(signal.extended)
        assert (held["V"], held["S"], held["L"]) == (link, "Bloco A", "Piso 2")
        assert signal.occurred_at == NOW - dt.timedelta(seconds=90)
        assert signal.text.endswith("Hall PIR")
        assert (signal.kind, signal.zone) == (Kind.BURGLARY, "003")
