"""The cells of an accounts table: one account, taken apart into texts and put together from them.

In: texts by column. Out: an `Account`, or a reason for each cell that is wrong; and back. Within a cell `;` stands
between items and `|` between their parts; a backslash before one of the three makes it plain text.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from station import account_texts, path_texts
from station.account_texts import BadValue
from station.accounts import Account, Area, Contact, KeyFormat, PanelKey, Zone
from station.languages import Language
from station.paths import Path, every

Read = Callable[[str], object]

_PART: Final = re.compile(r"(?:\\[\\;|]|[^;|])*")
_ESCAPED: Final = re.compile(r"\\([\\;|])")
_SPECIAL: Final = re.compile(r"([\\;|])")

_PLAIN: Final[Mapping[str, Read]] = {
    "account": account_texts.account_number,
    "prefix": functools.partial(account_texts.line_field, letter="L"),
    "receiver": functools.partial(account_texts.line_field, letter="R"),
    "name": account_texts.one_line,
    "premises": account_texts.one_line,
    "address": account_texts.one_line,
    "city": account_texts.one_line,
    "country": account_texts.country,
    "language": account_texts.language,
    "time_zone": account_texts.time_zone,
    "supervision_s": account_texts.interval_s,
    "grade": account_texts.grade,
    "window_past_s": account_texts.window_s,
    "window_future_s": account_texts.window_s,
    "observe_window": account_texts.yes_or_no,
    "enrolling": account_texts.yes_or_no,
    "notes": account_texts.several_lines,
}
KEY_COLUMNS: Final = ("key", "key_format")
#: In the order in which they are written.
COLUMNS: Final = (*_PLAIN, *KEY_COLUMNS, "areas", "zones", "contacts", "paths", "test_every")


# From cells ------------------------------------------------------------------------------------------------------


def account_of(cells: Mapping[str, str]) -> Account | list[str]:
    """The account, or what is wrong with each cell. Empty cells and missing columns give the account's defaults."""
    fields: dict[str, Any] = {}
    reasons = [] if cells["account"] else ["account is empty; every row needs its account number"]
    for column, read in {**_PLAIN, **_read_together(cells)}.items():
        if text := cells.get(column):
            try:
                fields[column] = read(text)
            except BadValue as error:
                reasons.append(f"{column} {error}")
    if interval_s := fields.pop("supervision_s", None):
        if "paths" in fields:
            reasons.append("supervision_s and paths both say how it reports; fill one of the two")
        fields["paths"] = (every(interval_s),)
    if test_every_s := fields.pop("test_every", None):
        fields["test_every_s"] = test_every_s
    return reasons or Account(number=fields.pop("account"), **fields)


def _read_together(cells: Mapping[str, str]) -> Mapping[str, Read]:
    """The columns that are read in the light of others."""
    country = cells.get("country", "").upper()
    spoken = cells.get("language", "") or Language.EN.value
    return {
        "key": functools.partial(account_texts.panel_key, key_format=cells.get("key_format", "")),
        "areas": _areas,
        "zones": _zones,
        "contacts": functools.partial(_contacts, country=country, spoken=spoken),
        "paths": _paths,
        "test_every": path_texts.duration_s,
    }


def _areas(text: str) -> tuple[Area, ...]:
    items = _items(text, least=1, most=2, form="1|House; 2|Garage")
    _numbered_once(items)
    return tuple(Area(number, name) for number, name in items)


def _zones(text: str) -> tuple[Zone, ...]:
    items = _items(text, least=1, most=3, form="001|Front door|1; 002|Hall")
    _numbered_once(items)
    return tuple(Zone(number, name, area or None) for number, name, area in items)


def _contacts(text: str, country: str, spoken: str) -> tuple[Contact, ...]:
    items = _items(text, least=2, most=3, form="Ana Sousa|+351912345678|pt; Rui Sousa|+351961234567")
    return tuple(
        Contact(name, account_texts.phone(phone, country), account_texts.language(language or spoken))
        for name, phone, language in items
    )


def _paths(text: str) -> tuple[Path, ...]:
    paths = [path_texts.path(*item) for item in _items(text, least=2, most=3, form=path_texts.FORM)]
    _numbered_once([(str(path.number),) for path in paths])
    return tuple(sorted(paths, key=lambda path: path.number))


def _items(text: str, *, least: int, most: int, form: str) -> list[list[str]]:
    """The items of a cell, each padded with empty parts to `most`."""
    account_texts.one_line(text)
    items = [item for item in _split(text) if any(item)]
    if any(not least <= len(item) <= most or not all(item[:least]) for item in items):
        raise BadValue(f"must be written as {form}")
    return [item + [""] * (most - len(item)) for item in items]


def _split(text: str) -> list[list[str]]:
    items: list[list[str]] = [[]]
    place = 0
    while part := _PART.match(text, place):
        items[-1].append(_ESCAPED.sub(r"\1", part.group().strip()))
        place = part.end() + 1
        if place > len(text):
            break
        if text[place - 1] == ";":
            items.append([])
    return items


def _numbered_once(items: Sequence[Sequence[str]]) -> None:
    if len({number for number, *_ in items}) < len(items):
        raise BadValue("holds a number twice; keep one of the two")


# To cells --------------------------------------------------------------------------------------------------------


def cells_of(account: Account) -> dict[str, str]:
    """Every column's text. The key is given in hexadecimal, but for one that may be read in two ways."""
    cells = {column: _cell(getattr(account, "number" if column == "account" else column)) for column in _PLAIN}
    return {
        **cells,
        **_key_cells(account.key),
        "areas": _joined((area.number, area.name) for area in account.areas),
        "zones": _joined((zone.number, zone.name, zone.area or "") for zone in account.zones),
        "contacts": _joined((who.name, who.phone, who.language.value) for who in account.contacts),
        "paths": "" if account.supervision_s else _joined(map(path_texts.path_parts, account.paths)),
        "test_every": path_texts.duration_text(account.test_every_s) if account.test_every_s else "",
    }


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Language():
            return value.value
        case _:
            return str(value)


def _key_cells(key: PanelKey | None) -> Mapping[str, str]:
    if key is None:
        return {"key": "", "key_format": ""}
    if key.key_format is KeyFormat.AUTO:
        return {"key": key.secret.decode("ascii"), "key_format": "auto"}
    return {"key": key.secret.hex().upper(), "key_format": "hex"}


def _joined(items: Iterable[Sequence[str]]) -> str:
    return "; ".join("|".join(_SPECIAL.sub(r"\\\1", part) for part in _without_empty_end(item)) for item in items)


def _without_empty_end(item: Sequence[str]) -> Sequence[str]:
    return item if not item or item[-1] else _without_empty_end(item[:-1])
