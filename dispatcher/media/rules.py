"""What may be fetched: from which host, at which address, of which kind.

In: a link as a panel sent it, the hosts that are allowed, an address that the name resolves to, the first bytes. Out:
yes, or `NotAllowed` with the reason. A link is whatever somebody wrote into a frame: it must not make us reach our own
network.
"""

from __future__ import annotations

import ipaddress
import urllib.parse
from collections.abc import Sequence
from typing import Final

import attrs

from station.store.media import Host

LARGEST_BYTES: Final = 8 * 1024 * 1024
_PORTS: Final = {"https": 443, "http": 80}
#: By their first bytes; what a server calls it does not count.
_MAGIC: Final = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftyp", 4, "video/mp4"),
    (b"\x1a\x45\xdf\xa3", 0, "video/webm"),
)


class NotAllowed(Exception):
    """It is not fetched; the text says why."""


@attrs.frozen
class Link:
    """A link that may be followed, once its address is checked."""

    scheme: str
    host: str
    port: int
    target: str


def link_of(url: str, hosts: Sequence[Host]) -> Link:
    """The link, if its host is allowed.

    Raises:
        NotAllowed: it is not.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise NotAllowed("the link can't be read") from error
    if parts.scheme not in _PORTS or not host:
        raise NotAllowed("the link is not https")
    if parts.username is not None or parts.password is not None:
        raise NotAllowed("the link carries a name or a password")
    allowed = next((one for one in hosts if _is(host, one.host)), None)
    if allowed is None:
        raise NotAllowed(f"{host} is not among the allowed hosts")
    if parts.scheme == "http" and not allowed.plain:
        raise NotAllowed(f"{host} is allowed by https only")
    if port is not None and port != _PORTS[parts.scheme] and not allowed.plain:
        raise NotAllowed(f"port {port} is not allowed")
    target = parts.path or "/"
    return Link(parts.scheme, host, port or _PORTS[parts.scheme], target + (f"?{parts.query}" if parts.query else ""))


def _is(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def is_outside(address: str) -> bool:
    """Whether an address lies in the public internet, also where it wraps another one."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if wrapped is not None:
            return is_outside(str(wrapped))
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return is_outside(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
    return found.is_global and not found.is_multicast and not found.is_reserved


def kind_of(content: bytes) -> str:
    """What it is, by its first bytes.

    Raises:
        NotAllowed: no picture and no film.
    """
    for magic, place, kind in _MAGIC:
        if content[place : place + len(magic)] == magic:
            return kind
    raise NotAllowed("it is neither a picture nor a film")
