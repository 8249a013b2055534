"""Accounts as CSV: what spreadsheets write, taken as they write it, and written so that it can be taken back.

In: the bytes of a file whose first line names the columns. Out: accounts and the columns that they came with, or
every bad row with its line and the reason. And back: accounts to the text of such a file.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from sereno.account_cells import COLUMNS, KEY_COLUMNS, account_of, cells_of
from station.accounts import Account

_SEPARATORS: Final = ",;\t"
_FIRST_LINE: Final = re.compile(r"\S.*")
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@attrs.frozen
class AccountsFile:
    """What a file says: `columns` are those that it has, and so the only ones that it speaks of."""

    columns: frozenset[str]
    accounts: tuple[Account, ...]


@attrs.frozen
class Problem:
    """One thing that is wrong. The reason never repeats what the row holds: it may be a key in the wrong column."""

    line: int
    reason: str


class BadRows(Exception):
    """Everything that is wrong with a file, in its order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"line {problem.line}: {problem.reason}" for problem in problems))
        self.problems = tuple(problems)


# Reading ---------------------------------------------------------------------------------------------------------


def read_accounts(data: bytes) -> AccountsFile:
    """All accounts of a file.

    Raises:
        BadRows: something in it is wrong.
    """
    rows = _rows(_text(data))
    line, header = next(rows, (1, []))
    columns = [name.lower() for name in header]
    if reasons := _header_reasons(columns):
        raise BadRows([Problem(line, reason) for reason in reasons])
    accounts, problems = _accounts(columns, rows)
    if problems:
        raise BadRows(problems)
    return AccountsFile(frozenset(columns), tuple(accounts))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-16" if data.startswith(_UTF16) else "utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            problem = Problem(1, "the file is neither UTF-8 nor Windows-1252 text; save it as CSV UTF-8")
            raise BadRows([problem]) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that holds anything: the line on which it begins, and its values without blanks around them."""
    first_line = _FIRST_LINE.search(text)
    separator = max(_SEPARATORS, key=first_line.group().count) if first_line else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            values = [value.strip() for value in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            reason = 'the quotes from here on do not pair; inside a value write a quote twice, as in "Bar ""Sol"""'
            raise BadRows([Problem(line, reason)]) from None
        if any(values):
            yield line, values


def _header_reasons(columns: Sequence[str]) -> list[str]:
    known = f"the known columns are {', '.join(COLUMNS)}"
    if "account" not in columns:
        return [f"the first line must name the columns, and one of them must be account; {known}"]
    reasons = []
    if unknown := [name or "(empty)" for name in columns if name not in COLUMNS]:
        reasons.append(f"unknown: {', '.join(unknown)}; {known}")
    if twice := [name for name in COLUMNS if columns.count(name) > 1]:
        reasons.append(f"there twice: {', '.join(twice)}; keep one of the two")
    if "key_format" in columns and "key" not in columns:
        reasons.append("key_format says how to read the column key, which is missing; add it or leave both out")
    return reasons


def _accounts(columns: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> tuple[list[Account], list[Problem]]:
    accounts: list[Account] = []
    problems: list[Problem] = []
    lines: dict[tuple[str, str | None, str | None], int] = {}
    try:
        for line, values in rows:
            match _account(columns, values):
                case list(reasons):
                    problems += [Problem(line, reason) for reason in reasons]
                case account:
                    accounts.append(account)
                    first = lines.setdefault(account.answers_to, line)
                    if first != line:
                        problems.append(Problem(line, f"the same account as in line {first}; keep one of the two"))
    except BadRows as error:  # the rows themselves came to an end too early
        problems += error.problems
    return accounts, problems


def _account(columns: Sequence[str], values: Sequence[str]) -> Account | list[str]:
    if len(values) != len(columns):
        counted = f"{len(values)} values for {len(columns)} columns"
        return [f"{counted}; put quotes around a value that holds a separator or a line break"]
    return account_of(dict(zip(columns, values, strict=True)))


# Writing ---------------------------------------------------------------------------------------------------------


def header_text(*, with_keys: bool) -> str:
    """The first line. Without the key columns, taking the file back leaves the keys as they are."""
    return _line(_written_columns(with_keys=with_keys))


def rows_text(accounts: Iterable[Account], *, with_keys: bool) -> str:
    """The lines of some accounts."""
    columns = _written_columns(with_keys=with_keys)
    lines = []
    for account in accounts:
        cells = cells_of(account)
        lines.append(_line([cells[column] for column in columns]))
    return "".join(lines)


def _written_columns(*, with_keys: bool) -> tuple[str, ...]:
    return COLUMNS if with_keys else tuple(name for name in COLUMNS if name not in KEY_COLUMNS)


def _line(values: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()
