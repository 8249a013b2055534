"""Accounts as spreadsheets write them."""

from __future__ import annotations

import contextlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sereno.accounts_csv import BadRows, header_text, read_accounts, rows_text
from station.accounts import Account, Area, Contact, KeyFormat, PanelKey, Zone
from station.languages import Language
from station.paths import Category, Path, every
from station.signals import Transport

SECRET = "C0FFEE0000000000C0FFEE0000000000"


def problems(text: str | bytes) -> list[tuple[int, str]]:
    """What is wrong with a file."""
    with pytest.raises(BadRows) as refused:
        read_accounts(text if isinstance(text, bytes) else text.encode())
    return [(problem.line, problem.reason) for problem in refused.value.problems]


@pytest.mark.parametrize("text", ["", "\n\n", "name,city\nCasa,Lisboa\n", f"1234,Casa,{SECRET}\n"])
def test_a_file_without_a_header_is_refused(text: str) -> None:
    ((line, reason),) = problems(text)
    assert line == 1
    assert "the first line must name the columns, and one of them must be account" in reason
    assert "supervision_s" in reason
    assert SECRET not in reason


def test_unknown_columns_are_named_beside_the_known_ones() -> None:
    ((line, reason),) = problems("\n\naccount,nmae,ciudad\n1234,a,b\n")
    assert line == 3
    assert reason.startswith("unknown: nmae, ciudad; the known columns are account, prefix, receiver, name,")


def test_a_column_twice_is_refused() -> None:
    assert problems("account,name,Name\n1234,a,b\n") == [(1, "there twice: name; keep one of the two")]


def test_a_key_format_without_a_key_is_refused() -> None:
    ((_, reason),) = problems("account,key_format\n1234,hex\n")
    assert "column key, which is missing" in reason


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("prefix", "ZZ", "prefix must be 1 to 6 hexadecimal digits"),
        ("receiver", "L1", "receiver must be 1 to 6 hexadecimal digits"),
        ("name", "Casa\x07", "name holds a line break or another control character"),
        ("country", "Portugal", "country must be a country's two letters"),
        ("language", "fr", "language must be es, pt or en"),
        ("time_zone", "Lisboa", "time_zone must be a time zone's IANA name"),
        ("key", SECRET[:-1], "key must be 32, 48 or 64 hexadecimal digits"),
        ("supervision_s", SECRET, "supervision_s must be a whole number from 1"),
        ("grade", "5", "grade must be a whole number from 1 to 4"),
        ("window_past_s", "-1", "window_past_s must be a whole number from 0"),
        ("enrolling", "maybe", "enrolling must be yes or no"),
        ("observe_window", "2", "observe_window must be yes or no"),
        ("areas", "1|House|x", "areas must be written as 1|House; 2|Garage"),
        ("areas", "|House", "areas must be written as 1|House; 2|Garage"),
        ("areas", "1|House; 1|Garage", "areas holds a number twice"),
        ("zones", "1|Door|1|x", "zones must be written as 001|Front door|1"),
        ("zones", "1|Door; 1|Hall", "zones holds a number twice"),
        ("contacts", "Ana", "contacts must be written as Ana Sousa|+351912345678|pt"),
        ("contacts", "Ana|912345678", "contacts needs a telephone number with its country"),
        ("contacts", "Ana|+351912345678|fr", "contacts must be es, pt or en"),
        ("notes", "a\x00", "notes holds a control character"),
        ("paths", "1", "paths must be written as 1|DP3; 2|DP3|G2"),
        ("paths", "0|DP3", "paths must number its paths from 1 to 99"),
        ("paths", "1|DP9", "paths must give each path a category"),
        ("paths", "1|custom", "paths must give each path a category"),
        ("paths", "1|90s/60s", "paths has a path that is lost before its interval is over"),
        ("paths", "1|DP3|G", "paths names how its frames are told"),
        ("paths", "1|DP3|G1 G2", "paths names how its frames are told"),
        ("paths", "1|DP3; 1|DP3|G2", "paths holds a number twice"),
        ("test_every", "24", "test_every must be a number and a unit"),
        ("test_every", "400d", "test_every must be a number and a unit"),
    ],
)
def test_a_bad_value_is_named_by_line_and_column(column: str, value: str, reason: str) -> None:
    ((line, found),) = problems(f"account,{column}\n1234,\n1235,{value}\n")
    assert line == 3
    assert found.startswith(reason)
    assert SECRET[:-1] not in found


def test_everything_that_is_wrong_is_reported_at_once() -> None:
    found = problems('account,name,grade\n,a,9\n12,"two\nlines",1\n\n1 2,c,x\n0012\n')
    assert [line for line, _ in found] == [2, 2, 3, 6, 6, 7]
    assert found[0][1] == "account is empty; every row needs its account number"
    assert found[-1][1].startswith("1 values for 3 columns; put quotes around")


def test_the_same_account_twice_is_refused() -> None:
    found = problems("account,prefix,receiver\n00ab,,\n00AB,0,\n00AB,,1\n00AB,L00,\n00aB,,\n")
    assert found == [
        (5, "the same account as in line 3; keep one of the two"),
        (6, "the same account as in line 2; keep one of the two"),
    ]


def test_quotes_that_do_not_pair_are_reported_where_they_begin() -> None:
    found = problems('account,name,grade\n1234,"Bar ""Sol""",9\n1235,"Casa,1\n1236,c,1\n')
    assert [line for line, _ in found] == [2, 3]
    assert "quotes" in found[1][1]


def test_bytes_that_are_no_text_are_refused() -> None:
    ((line, reason),) = problems(b"account,name\n1234,\x81\xff\n")
    assert (line, "save it as CSV UTF-8" in reason) == (1, True)


EXPECTED = Account(number="0012", name="Café Ñandú", city="Bogotá")


@pytest.mark.parametrize(
    "data",
    [
        "account,name,city\n0012,Café Ñandú,Bogotá\n".encode(),
        "\ufeffaccount,name,city\r\n0012,Café Ñandú,Bogotá\r\n".encode(),
        "account;name;city\r\n0012;Café Ñandú;Bogotá\r\n".encode("cp1252"),
        "account\tname\tcity\r0012\tCafé Ñandú\tBogotá\r".encode(),
        "account\tname\tcity\r\n0012\tCafé Ñandú\tBogotá\r\n".encode("utf-16"),
        '\n\n Account , NAME ,city\n\n 0012 , "Café Ñandú",  Bogotá \n,,\n\n'.encode(),
        '"account";"name";"city"\n"0012";"Café Ñandú";"Bogotá"'.encode(),
    ],
    ids=[
        "plain",
        "utf-8 mark and CRLF",
        "Excel in Spain",
        "tabs and CR",
        "utf-16",
        "blanks",
        "quotes, no last line end",
    ],
)
def test_whatever_a_spreadsheet_writes_is_read(data: bytes) -> None:
    file = read_accounts(data)
    assert file.accounts == (EXPECTED,)
    assert file.columns == {"account", "name", "city"}


def test_all_columns_are_read() -> None:
    text = (
        "account,prefix,receiver,name,premises,address,city,country,language,time_zone,key,key_format,supervision_s,"
        "grade,window_past_s,window_future_s,observe_window,enrolling,notes,areas,zones,contacts\n"
        f"12ab,L00,R1,Casa Sousa,home,Rua A 1,Lisboa,pt,PT,europe/lisbon,{SECRET},hex,180,2,60,30,TRUE,Yes,"
        '"Dog.\nBites.",1|House; 2|Garage,001|Front door|1; 002|Hall,Ana Sousa|912345678; Rui|+34612345678|es\n'
    )
    assert read_accounts(text.encode()).accounts == (
        Account(
            number="12AB",
            prefix="0",
            receiver="1",
            name="Casa Sousa",
            premises="home",
            address="Rua A 1",
            city="Lisboa",
            country="PT",
            language=Language.PT,
            time_zone="Europe/Lisbon",
            key=PanelKey(bytes.fromhex(SECRET), KeyFormat.HEX),
            paths=(every(180),),
            grade=2,
            window_past_s=60,
            window_future_s=30,
            observe_window=True,
            enrolling=True,
            notes="Dog.\nBites.",
            areas=(Area("1", "House"), Area("2", "Garage")),
            zones=(Zone("001", "Front door", "1"), Zone("002", "Hall", None)),
            contacts=(
                Contact("Ana Sousa", "+351912345678", Language.PT),
                Contact("Rui", "+34612345678", Language.ES),
            ),
        ),
    )


def test_a_panel_s_paths_and_its_interval() -> None:
    text = "account,supervision_s,paths,test_every\n1,90,,\n2,,2|25h/30h|G2 l00a; 1|dp3,7d\n3,,,36h\n"
    one, two, three = read_accounts(text.encode()).accounts
    assert one.paths == (every(90),)
    assert two.paths == (
        Path(number=1, category=Category.DP3),
        Path(
            number=2,
            category=Category.CUSTOM,
            interval_s=90_000,
            reporting_s=108_000,
            network_path=2,
            prefix="A",
        ),
    )
    assert (two.test_every_s, three.test_every_s, three.paths) == (604_800, 129_600, ())
    again = header_text(with_keys=False) + rows_text([one, two, three], with_keys=False)
    assert read_accounts(again.encode()).accounts == (one, two, three)
    assert ",90," in again
    assert ",7d\n" in again


def test_an_interval_and_paths_are_one_too_many() -> None:
    ((_, reason),) = problems("account,supervision_s,paths\n1,90,1|DP3\n")
    assert reason == "supervision_s and paths both say how it reports; fill one of the two"


def test_an_export_reads_as_a_person_would_write_it() -> None:
    account = Account(
        number="0012",
        prefix="0",
        name='Bar "Sol"',
        country="ES",
        language=Language.ES,
        time_zone="Europe/Madrid",
        key=PanelKey(b"sixteen letters!", KeyFormat.ASCII),
        areas=(Area("1", "Bar"),),
        zones=(Zone("001", "Door; left|right", "1"), Zone("002", "", None)),
        contacts=(Contact("Luis", "+34612345678", Language.ES),),
        paths=(
            Path(number=1, category=Category.DP3),
            Path(number=2, category=Category.DP3, network_path=2, transport=Transport.UDP),
        ),
        test_every_s=86400,
    )
    assert header_text(with_keys=False) + rows_text([account], with_keys=False) == (
        "account,prefix,receiver,name,premises,address,city,country,language,time_zone,supervision_s,"
        "grade,window_past_s,window_future_s,observe_window,enrolling,notes,areas,zones,contacts,paths,test_every\n"
        '0012,0,,"Bar ""Sol""",,,,ES,es,Europe/Madrid,,,40,20,no,no,,1|Bar,001|Door\\; left\\|right|1; 002,'
        "Luis|+34612345678|es,1|DP3; 2|DP3|G2 udp,24h\n"
    )
    assert ",7369787465656e206c65747465727321,hex,".upper() in rows_text([account], with_keys=True).upper()


def test_a_key_that_may_be_read_in_two_ways_stays_as_it_was_typed() -> None:
    for typed in (f"account,key\n12,{SECRET}\n", f"account,key,key_format\n12,{SECRET},auto\n"):
        (account,) = read_accounts(typed.encode()).accounts
        assert account.key == PanelKey(SECRET.encode(), KeyFormat.AUTO)
        assert f",{SECRET},auto," in rows_text([account], with_keys=True)


# Text as it can be in an account: no control characters, no blanks around it.
LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
NOTES = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=20).map(str.strip)
NUMBERS = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=16)
LINE_FIELDS = st.none() | st.integers(0, 0xFFFFFF).map("{:X}".format)
KEYS = (
    st.none()
    | st.sampled_from([16, 24, 32])
    .flatmap(lambda size: st.binary(min_size=size, max_size=size))
    .map(lambda secret: PanelKey(secret, KeyFormat.HEX))
    | st.just(PanelKey(SECRET.encode(), KeyFormat.AUTO))
)
SOME_LINES = LINES.filter(bool)
PHONES = st.integers(910_000_000, 969_999_999).map("+351{}".format)
TOLD_BY = {
    "network_path": st.none() | st.integers(0, 9999),
    "prefix": LINE_FIELDS,
    "receiver": LINE_FIELDS,
    "transport": st.sampled_from([None, Transport.TCP, Transport.UDP, Transport.TLS]),
}
PATHS = st.builds(
    Path, number=st.integers(1, 99), category=st.sampled_from([Category.SP6, Category.DP1, Category.DP3]), **TOLD_BY
) | st.builds(
    Path,
    number=st.integers(1, 99),
    category=st.just(Category.CUSTOM),
    interval_s=st.integers(1, 90_000),
    reporting_s=st.none() | st.integers(90_000, 366 * 86400),
    **TOLD_BY,
)
ACCOUNTS = st.builds(
    Account,
    number=NUMBERS,
    prefix=LINE_FIELDS,
    receiver=LINE_FIELDS,
    name=LINES,
    premises=LINES,
    address=LINES,
    city=LINES,
    country=st.sampled_from(["", "PT", "MX"]),
    language=st.sampled_from(Language),
    time_zone=st.sampled_from(["UTC", "America/Bogota"]),
    key=KEYS,
    test_every_s=st.none() | st.integers(1, 366 * 86400),
    grade=st.none() | st.integers(1, 4),
    window_past_s=st.integers(0, 3600),
    window_future_s=st.integers(0, 3600),
    observe_window=st.booleans(),
    enrolling=st.booleans(),
    notes=NOTES,
    areas=st.lists(st.builds(Area, SOME_LINES, LINES), max_size=3, unique_by=lambda area: area.number).map(tuple),
    zones=st.lists(
        st.builds(Zone, SOME_LINES, LINES, st.none() | SOME_LINES), max_size=3, unique_by=lambda zone: zone.number
    ).map(tuple),
    contacts=st.lists(st.builds(Contact, SOME_LINES, PHONES, st.sampled_from(Language)), max_size=3).map(tuple),
    paths=st.lists(PATHS, max_size=3, unique_by=lambda path: path.number).map(
        lambda paths: tuple(sorted(paths, key=lambda path: path.number))
    ),
)


@settings(deadline=None)
@given(st.lists(ACCOUNTS, min_size=1, max_size=3, unique_by=lambda account: account.answers_to))
def test_what_is_exported_can_be_imported_without_change(accounts: list[Account]) -> None:
    text = header_text(with_keys=True) + rows_text(accounts, with_keys=True)
    assert list(read_accounts(text.encode()).accounts) == accounts


@given(
    st.binary()
    | st.text().map(str.encode)
    | st.text('account,;\t\n"|\\1').map(lambda text: b"account\n" + text.encode())
)
def test_no_file_can_break_the_reader(data: bytes) -> None:
    with contextlib.suppress(BadRows):
        read_accounts(data)
