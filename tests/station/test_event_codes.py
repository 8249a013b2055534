"""What codes mean: spot facts of SIA DC-03 and SIA DC-05, and the rules for codes that no table lists."""

from __future__ import annotations

import csv
import pathlib

import pytest

from station import event_codes
from station.event_codes import Argument, contact_id, contact_id_qualifier, meaning, sia_dcs
from station.languages import Language
from station.signals import Kind, Qualifier

TABLES = sorted((pathlib.Path(event_codes.__file__).parent / "codes").glob("*.csv"))


@pytest.mark.parametrize(
    ("code", "kind", "qualifier", "argument"),
    [
        ("BA", Kind.BURGLARY, Qualifier.NEW, Argument.ZONE),
        ("BR", Kind.BURGLARY, Qualifier.RESTORE, Argument.ZONE),
        ("FA", Kind.FIRE, Qualifier.NEW, Argument.ZONE),
        ("FR", Kind.FIRE, Qualifier.RESTORE, Argument.ZONE),
        ("PA", Kind.PANIC_HOLDUP, Qualifier.NEW, Argument.ZONE),
        ("HA", Kind.PANIC_HOLDUP, Qualifier.NEW, Argument.ZONE),
        ("MA", Kind.MEDICAL, Qualifier.NEW, Argument.ZONE),
        ("GA", Kind.GAS_CO, Qualifier.NEW, Argument.ZONE),
        ("OP", Kind.OPEN_CLOSE, Qualifier.OPENING, Argument.USER),
        ("CL", Kind.OPEN_CLOSE, Qualifier.CLOSING, Argument.USER),
        ("AT", Kind.POWER, Qualifier.NEW, Argument.NONE),
        ("AR", Kind.POWER, Qualifier.RESTORE, Argument.NONE),
        ("YT", Kind.POWER, Qualifier.NEW, Argument.NONE),
        ("YR", Kind.POWER, Qualifier.RESTORE, Argument.NONE),
        ("TA", Kind.TAMPER, Qualifier.NEW, Argument.ZONE),
        ("TR", Kind.TAMPER, Qualifier.RESTORE, Argument.ZONE),
        ("BC", Kind.CANCEL, Qualifier.NEW, Argument.USER),
    ],
)
def test_sia_codes(code: str, kind: Kind, qualifier: Qualifier, argument: Argument) -> None:
    known = sia_dcs(code)
    assert known is not None
    assert (known.kind, known.qualifier, known.argument) == (kind, qualifier, argument)


def test_periodic_tests_of_sia_are_tests() -> None:
    assert [known.kind for code in ("RP", "RX") if (known := sia_dcs(code))] == [Kind.TEST, Kind.TEST]


@pytest.mark.parametrize("code", ["Q9", "B", "", "ba", "BAA"])
def test_a_code_that_sia_does_not_list_is_unknown(code: str) -> None:
    assert sia_dcs(code) is None


@pytest.mark.parametrize(
    ("code", "kind", "argument"),
    [
        ("100", Kind.MEDICAL, Argument.ZONE),
        ("110", Kind.FIRE, Argument.ZONE),
        ("120", Kind.PANIC_HOLDUP, Argument.ZONE),
        ("121", Kind.PANIC_HOLDUP, Argument.USER),
        ("130", Kind.BURGLARY, Argument.ZONE),
        ("131", Kind.BURGLARY, Argument.ZONE),
        ("137", Kind.TAMPER, Argument.ZONE),
        ("151", Kind.GAS_CO, Argument.ZONE),
        ("162", Kind.GAS_CO, Argument.ZONE),
        ("301", Kind.POWER, Argument.NONE),
        ("302", Kind.POWER, Argument.NONE),
        ("401", Kind.OPEN_CLOSE, Argument.USER),
        ("406", Kind.CANCEL, Argument.USER),
        ("454", Kind.OPEN_CLOSE, Argument.USER),
        ("570", Kind.BYPASS, Argument.ZONE),
        ("602", Kind.TEST, Argument.ZONE),
    ],
)
def test_contact_id_codes(code: str, kind: Kind, argument: Argument) -> None:
    known = contact_id(code)
    assert known is not None
    assert (known.kind, known.argument) == (kind, argument)


@pytest.mark.parametrize(
    ("code", "digit", "qualifier"),
    [
        ("131", "1", Qualifier.NEW),
        ("131", "3", Qualifier.RESTORE),
        ("131", "6", Qualifier.STATUS),
        ("301", "1", Qualifier.NEW),
        ("301", "3", Qualifier.RESTORE),
        ("401", "1", Qualifier.OPENING),
        ("401", "3", Qualifier.CLOSING),
        ("401", "6", Qualifier.STATUS),
        ("409", "1", Qualifier.OPENING),
        ("441", "3", Qualifier.CLOSING),
        ("406", "1", Qualifier.NEW),
        # Not armed on schedule, exit error: nothing was opened.
        ("454", "1", Qualifier.NEW),
        ("457", "1", Qualifier.NEW),
        ("454", "3", Qualifier.RESTORE),
        # E, R and P as some panels spell them.
        ("131", "E", Qualifier.NEW),
        ("401", "R", Qualifier.CLOSING),
        ("131", "P", Qualifier.STATUS),
        # A code in no table still has a direction.
        ("6A5", "3", Qualifier.RESTORE),
    ],
)
def test_the_qualifier_digit_says_which_way_it_goes(code: str, digit: str, qualifier: Qualifier) -> None:
    assert contact_id_qualifier(code, digit) is qualifier


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("119", Kind.FIRE),
        ("127", Kind.PANIC_HOLDUP),
        ("149", Kind.BURGLARY),
        ("109", Kind.MEDICAL),
        ("13A", Kind.BURGLARY),
    ],
)
def test_an_unlisted_alarm_code_means_what_its_decade_means(code: str, kind: Kind) -> None:
    known = contact_id(code)
    assert known is not None
    assert known.kind is kind


@pytest.mark.parametrize("code", ["619", "639", "659", "699", "319", "599", "000", "1", ""])
def test_an_unlisted_code_of_no_alarm_decade_is_unknown(code: str) -> None:
    assert contact_id(code) is None


def test_the_token_says_which_table_is_meant() -> None:
    assert meaning("SIA-DCS", "BA") == sia_dcs("BA")
    assert meaning("ADM-CID", "131") == contact_id("131")
    assert meaning("ADM-CID", "BA") is None
    assert meaning("NULL", "BA") is None
    assert meaning("SIA-DCS", None) is None


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.stem)
def test_every_row_reads_in_every_language(table: pathlib.Path) -> None:
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    look_up = sia_dcs if table.stem == "sia_dcs" else contact_id

    assert len(rows) > 300
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        known = look_up(row["code"])
        assert known is not None
        assert [known.name(language).strip() != "" for language in Language] == [True, True, True], row["code"]
        assert known.kind not in (Kind.UNKNOWN_ACCOUNT, Kind.NOT_AUTHENTICATED, Kind.UNKNOWN_CODE, Kind.UNREADABLE)


def test_a_name_is_in_the_language_asked_for() -> None:
    known = contact_id("110")
    assert known is not None
    assert known.name(Language.EN) == "Fire alarm"
    assert known.name(Language.ES) == "Alarma de incendio"
    assert known.name(Language.PT) == "Alarme de incêndio"
