"""What is known of one receiver's link, checked once at the start."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from receiver.protocols.ademco685 import ademco685
from receiver.protocols.d6500 import d6500
from receiver.protocols.dc07 import Dc07
from receiver.protocols.relayed import Wire
from receiver.protocols.surgard import surgard
from station.signals import Protocol

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z ._-]{0,39}")
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{1,6}")
_DAY_S: Final = 86_400
_PORT: Final = re.compile(r"[0-9]{1,5}")
_HOST: Final = re.compile(r"[0-9A-Za-z:_%-]+(?:\.[0-9A-Za-z:_%-]+)*")


@attrs.frozen
class Endpoint:
    """Where to listen, or whom to dial."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """`HOST:PORT`, or `[IPV6]:PORT`.

        Raises:
            ValueError: it is neither.
        """
        host, _, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not _HOST.fullmatch(host) or not _PORT.fullmatch(port) or int(port) > 65535:
            raise ValueError(f"{text!r} is not HOST:PORT, for example 0.0.0.0:1025")
        return cls(host, int(port))

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _is_name(_: object, field: attrs.Attribute[Any], value: str) -> None:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{field.name} {value!r} is not a name of letters, digits, blanks, dots and dashes")


def _is_spoken(_: object, field: attrs.Attribute[Any], value: Protocol) -> None:
    if value not in _WIRES:
        raise ValueError(f"{field.name} {value.value!r} is not one of {', '.join(SPOKEN)}")


def _is_hexadecimal(_: object, field: attrs.Attribute[Any], value: str | None) -> None:
    if value is not None and not _HEXADECIMAL.fullmatch(value):
        raise ValueError(f"{field.name} {value!r} is not one to six hexadecimal digits")


def _is_bearable(_: object, field: attrs.Attribute[Any], value: float) -> None:
    if not 0 < value <= _DAY_S:
        raise ValueError(f"{field.name} {value:g} is not between 0 and {_DAY_S}")


def _is_length(_: object, field: attrs.Attribute[Any], value: int) -> None:
    if value not in (1, 3):
        raise ValueError(f"{field.name} {value} is neither 1 nor 3")


@attrs.frozen(kw_only=True)
class LinkSettings:
    """One receiver's link. Exactly one of `listen` and `dial` is given.

    Raises:
        ValueError: a value is none, or they contradict each other.
    """

    name: str = attrs.field(validator=_is_name)
    protocol: Protocol = attrs.field(validator=_is_spoken)
    #: The receiver connects to us here; or we connect to it there.
    listen: Endpoint | None = None
    dial: Endpoint | None = None
    #: Who may connect; empty for everybody.
    only_from: tuple[Network, ...] = ()
    #: Sur-Gard: length of the line field.
    line_digits: int = attrs.field(default=1, validator=_is_length)
    #: What accounts are looked up with beside their number: DC-09's fields R and L. Without `receiver` the number
    #: that the receiver gives itself counts.
    receiver: str | None = attrs.field(default=None, validator=_is_hexadecimal)
    prefix: str | None = attrs.field(default=None, validator=_is_hexadecimal)
    #: How often the receiver says that it is there, and after how many such periods of silence the link is lost.
    heartbeat_s: float = attrs.field(default=30.0, validator=_is_bearable)
    missed_heartbeats: int = attrs.field(default=3, validator=_is_bearable)

    def __attrs_post_init__(self) -> None:
        if (self.listen is None) == (self.dial is None):
            raise ValueError("give either listen or dial")
        if self.only_from and self.listen is None:
            raise ValueError("only_from is for a link that listens")

    @property
    def silence_s(self) -> float:
        """A link that is silent for longer is lost."""
        return self.heartbeat_s * self.missed_heartbeats

    def welcomes(self, host: str) -> bool:
        """True if this address may connect."""
        if not self.only_from:
            return True
        address = ipaddress.ip_address(host.partition("%")[0])
        # IPv4 reaches a socket for both as ::ffff:10.0.0.5.
        plain = getattr(address, "ipv4_mapped", None) or address
        return any(plain in network for network in self.only_from)

    def wire(self) -> Wire:
        """The protocol's parser for a new connection."""
        return _WIRES[self.protocol](self)


_WIRES: Final[Mapping[Protocol, Callable[[LinkSettings], Wire]]] = {
    Protocol.SURGARD: lambda link: surgard(3 if link.line_digits == 3 else 1),
    Protocol.ADEMCO685: lambda _: ademco685(),
    Protocol.D6500: lambda _: d6500(),
    Protocol.DC07: lambda _: Dc07(),
}
#: The protocols of links, as they are written in settings.
SPOKEN: Final = tuple(protocol.value for protocol in _WIRES)
