"""Links of hardware receivers as the user writes them.

In: JSON, which is also what cyclopts makes of a table `[[links]]` in TOML. Out: `LinkSettings`, and JSON again.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import attrs
from cyclopts import Token

from receiver.automation.settings import SPOKEN, Endpoint, LinkSettings
from station.signals import Protocol


def links_of(_: object, tokens: Sequence[Token]) -> tuple[LinkSettings, ...]:
    """The links that flags, environment or file name.

    Raises:
        ValueError: one of them is none, or two have one name; the text is for the user.
    """
    links = tuple(_link(table) for token in tokens for table in _tables(token.value))
    names = [link.name for link in links]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two links are named {', '.join(twice)}")
    return links


def written(links: Sequence[LinkSettings]) -> str:
    """The links as one JSON text, for a process that is started with them."""
    tables = [attrs.asdict(link, recurse=False, filter=lambda _, value: value is not None) for link in links]
    return json.dumps(tables, default=lambda value: value.value if isinstance(value, Protocol) else str(value))


def _tables(text: str) -> list[object]:
    if not text:
        return []  # `--links []`: none, whatever the file says
    try:
        found = json.loads(text)
    except ValueError:
        raise ValueError(f"a link is written as a [[links]] table in sereno.toml or as JSON, not {text!r}") from None
    return found if isinstance(found, list) else [found]


def _link(table: object) -> LinkSettings:
    if not isinstance(table, dict):
        raise ValueError(f"a link has settings with names, unlike {table!r}")
    unknown = sorted(set(table) - set(_READ))
    missing = [name for name in ("name", "protocol") if name not in table]
    try:
        if unknown:
            raise ValueError(f"there is no setting {', '.join(unknown)}; there are {', '.join(_READ)}")
        if missing:
            raise ValueError(f"{' and '.join(missing)} must be given")
        values: dict[str, Any] = {name: _value(name, value) for name, value in table.items()}
        return LinkSettings(**values)
    except ValueError as error:
        raise ValueError(f"link {table.get('name', '?')!s}: {error}") from None


def _value(name: str, value: object) -> object:
    try:
        return _READ[name](value)
    except TypeError:
        raise ValueError(f"{name} can't be {value!r}") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise TypeError
    return value


def _protocol(value: object) -> Protocol:
    if value not in SPOKEN:
        raise ValueError(f"protocol {value!r} is not one of {', '.join(SPOKEN)}")
    return Protocol(value)


def _networks(value: object) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(ipaddress.ip_network(_text(network)) for network in value)


def _endpoint(value: object) -> Endpoint:
    return Endpoint.parse(_text(value))


#: How each setting is read.
_READ: Final[Mapping[str, Callable[[object], object]]] = {
    "name": _text,
    "protocol": _protocol,
    "listen": _endpoint,
    "dial": _endpoint,
    "only_from": _networks,
    "line_digits": _number,
    "receiver": _text,
    "prefix": _text,
    "heartbeat_s": _number,
    "missed_heartbeats": _number,
}
