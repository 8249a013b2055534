"""Fields that do not exist are refused, however deep they lie: a slip of the pen must not pass as if it were not there.

In: a request and the body that its handler expects. Out: nothing, or a refusal that names what there is.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from typing import Any, Final

import attrs
from litestar import Request
from litestar.exceptions import ValidationException

#: A timetable is six deep. Far deeper, and whoever reads or writes it later runs out of stack.
_DEEPEST: Final = 20
_TOO_DEEP: Final = f"lists and objects lie in each other, {_DEEPEST} deep at most"


async def refuse_unknown_fields(request: Request[Any, Any, Any]) -> None:
    """Stop a body with such a field before its handler.

    Raises:
        ValidationException: there is one, or no JSON object at all.
    """
    expected = request.route_handler.parsed_data_field
    if request.method == "GET" or expected is None:
        return
    given = _object(await request.body())
    unknown = [*_unknown(expected.annotation, given, "")]
    if unknown:
        raise ValidationException("unknown", extra=unknown)


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"null")
    except ValueError as error:
        raise ValidationException("no JSON", extra=[f"this is no JSON: {error}"]) from error
    except RecursionError as error:
        raise ValidationException("too deep", extra=[_TOO_DEEP]) from error
    if _is_deeper(given, _DEEPEST):
        raise ValidationException("too deep", extra=[_TOO_DEEP])
    if not isinstance(given, dict):
        raise ValidationException("no object", extra=["a JSON object is expected"])
    return given


def _is_deeper(given: Any, left: int) -> bool:  # noqa: ANN401 - whatever JSON holds
    inner = given.values() if isinstance(given, dict) else given if isinstance(given, list) else ()
    return left < 0 or any(_is_deeper(one, left - 1) for one in inner)


def _unknown(kind: Any, given: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - a type, and whatever JSON holds
    if isinstance(given, list):
        for one in given:
            for item in typing.get_args(kind)[:1]:
                yield from _unknown(item, one, place)
    if not (isinstance(given, dict) and attrs.has(kind)):
        return
    known = typing.get_type_hints(kind)
    for name, value in given.items():
        if name not in known:
            yield f"there is no {place}{name}; there are {', '.join(sorted(known))}"
        else:
            yield from _unknown(known[name], value, f"{place}{name}.")
