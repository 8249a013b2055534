"""The fields of a form that concerns no lease.

In: a request. Out: texts without blanks around them, numbers, choices, lists.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from typing import TypeVar

import attrs
from litestar.exceptions import ClientException

from operators_ui.console import OperatorRequest

E = TypeVar("E", bound=enum.Enum)
#: What was typed at length is shown again should it be refused. Never a password.
_TYPED = ("text", "reason", "why", "call_back")


@attrs.frozen
class Fields:
    """What a form sent."""

    _values: Mapping[str, Sequence[str]]

    def all(self, name: str) -> Sequence[str]:
        """Every value of a field that may be given several times."""
        return self._values.get(name, ())

    def text(self, name: str) -> str:
        """The last value of a field; empty if it is not there."""
        # A form sends two characters for a line's end where its page counts one.
        return self.all(name)[-1].replace("\r\n", "\n").strip() if name in self._values else ""

    def number(self, name: str) -> int:
        """A field as a whole number.

        Raises:
            ClientException: it is none.
        """
        text = self.text(name)
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise ClientException("not a number")
        return int(text)

    def number_if_any(self, name: str) -> int | None:
        """The same; None where the field is empty."""
        return self.number(name) if self.text(name) else None

    def rows(self, columns: Sequence[str]) -> Sequence[tuple[str, ...]]:
        """The lines of a table whose fields have the same name in each line.

        Raises:
            ClientException: some lines lack a field.
        """
        cells = [self.all(name) for name in columns]
        if len({len(column) for column in cells}) != 1:
            raise ClientException("a line of the table is not whole")
        return [*zip(*cells, strict=True)]

    @staticmethod
    def choice(text: str, kind: type[E]) -> E:
        """One of the values of an enum.

        Raises:
            ClientException: there is no such value.
        """
        try:
            return kind(text)
        except ValueError as error:
            raise ClientException("no such choice") from error


async def read_fields(request: OperatorRequest) -> Fields:
    """The fields of a form."""
    values: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        values.setdefault(name, []).append(str(value))
    request.scope["state"]["typed"] = {name: values[name][-1] for name in _TYPED if any(values.get(name, ()))}
    return Fields(values)
