"""The demo accounts: always the same, and such as a station accepts."""

from __future__ import annotations

import csv
import pathlib
import re
import zoneinfo
from collections import Counter

import phonenumbers
import pytest

from simulators.demo_accounts import write_csv
from simulators.panel_settings import read_csv


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    path = tmp_path_factory.mktemp("demo") / "accounts.csv"
    write_csv(path)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_seed_writes_the_same_file(tmp_path: pathlib.Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("other", 8)):
        write_csv(tmp_path / name, count=50, seed=seed)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert (tmp_path / "one").read_bytes() != (tmp_path / "other").read_bytes()


def test_account_numbers(rows: list[dict[str, str]]) -> None:
    numbers = [row["account"] for row in rows]
    assert len(numbers) == 1000
    assert all(re.fullmatch("[0-9A-F]{4,6}", number) for number in numbers)
    assert len({int(number, 16) for number in numbers}) == 1000
    assert any(number.startswith("00") for number in numbers)


def test_cities_premises_and_languages(rows: list[dict[str, str]]) -> None:
    assert {row["city"] for row in rows} == {"Lisboa", "Porto", "Madrid", "Sevilla", "Ciudad de México", "Bogotá"}
    assert {row["premises"] for row in rows} == {"home", "shop", "bank", "pharmacy"}
    languages = Counter(row["language"] for row in rows)
    assert languages["es"] > languages["pt"] > languages["en"] > 30
    for row in rows:
        zoneinfo.ZoneInfo(row["time_zone"])


def test_every_phone_number_is_possible_and_nobody_shares_one(rows: list[dict[str, str]]) -> None:
    phones = []
    for row in rows:
        contacts = [contact.strip().split("|") for contact in row["contacts"].split(";")]
        assert 2 <= len(contacts) <= 4
        for name, phone, language in contacts:
            assert name
            assert language in ("es", "pt", "en")
            assert phonenumbers.is_possible_number(phonenumbers.parse(phone))
            # Nobody's telephone may ring because of a demonstration.
            assert not phonenumbers.is_valid_number(phonenumbers.parse(phone))
            phones.append(phone)
    assert len(set(phones)) == len(phones)


def test_zones_lie_in_areas_that_exist(rows: list[dict[str, str]]) -> None:
    for row in rows:
        areas = {area.split("|")[0].strip() for area in row["areas"].split(";")}
        zones = [zone.strip().split("|") for zone in row["zones"].split(";")]
        assert 3 <= len(zones) <= 12
        assert {area for _, _, area in zones} == areas
        assert len({number for number, _, _ in zones}) == len({name for _, name, _ in zones}) == len(zones)


def test_a_third_have_keys_of_a_size_that_aes_knows(rows: list[dict[str, str]]) -> None:
    keys = [(row["key_format"], row["key"]) for row in rows if row["key"]]
    assert 250 < len(keys) < 420
    sizes = Counter((form, len(bytes.fromhex(key)) if form == "hex" else len(key)) for form, key in keys)
    assert set(sizes) == {("hex", 16), ("hex", 32), ("ascii", 16)}


def test_panels_read_their_own_settings_from_it(tmp_path: pathlib.Path) -> None:
    write_csv(tmp_path / "accounts.csv", count=200)
    panels = read_csv(tmp_path / "accounts.csv")
    assert len({panel.transport for panel in panels}) == 3
    assert len({panel.form for panel in panels}) == 2
    assert panels == read_csv(tmp_path / "accounts.csv")
    assert 1.0 < sum(1 / panel.link_test_s for panel in panels) < 2.0


def test_a_row_that_is_no_account_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "bad.csv").write_text("account,key\n1234,\nXYZ,\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.csv, line 3"):
        read_csv(tmp_path / "bad.csv")
