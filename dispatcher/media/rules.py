"""What may be fetched: from which host, at which address, of which kind.

In: a link as a panel sent it, the hosts that are allowed, an address that the name resolves to, the first bytes. Out:
yes, or `NotAllowed` with the reason. A link is whatever somebody wrote into a frame: it must not make us reach our own
network.
"""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Sequence
from typing import Final

import attrs

from station.store.media import Host

LARGEST_BYTES: Final = 8 * 1024 * 1024
_PORTS: Final = {"https": 443, "http": 80}
#: A name as DNS has it: nothing that two readers of one link could understand differently.
_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
#: What a link is made of. Parsers pass over a line break inside one, so it is looked for in the link as it came.
_URL: Final = re.compile(r"[!-~]*")
#: IPv6 once had addresses of one site only (RFC 3879); some networks still use them.
_SITE_LOCAL: Final = ipaddress.ip_network("fec0::/10")
#: How a server calls what it does not know the kind of.
_ANYTHING: Final = frozenset({"", "application/octet-stream", "binary/octet-stream"})
#: By their first bytes; a server's own word can only refuse, never allow.
_MAGIC: Final = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb".{4}ftyp", re.DOTALL), "video/mp4"),
    (re.compile(rb"\x1a\x45\xdf\xa3"), "video/webm"),
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

    @property
    def host_header(self) -> str:
        """The host as the request names it: without the usual port, since signed links are signed without it."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"


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
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not _NAME.fullmatch(host) or not _URL.fullmatch(url):
        raise NotAllowed("the link has characters that no link has")
    allowed = next((one for one in hosts if _is(host, one.host)), None)
    if allowed is None:
        raise NotAllowed(f"{host} is not among the allowed hosts")
    if parts.scheme == "http" and not allowed.plain:
        raise NotAllowed(f"{host} is allowed by https only")
    if port is not None and port != _PORTS[parts.scheme] and not allowed.plain:
        raise NotAllowed(f"port {port} is not allowed")
    return Link(parts.scheme, host, port or _PORTS[parts.scheme], target)


def _is(host: str, allowed: str) -> bool:
    return host.endswith(allowed) if allowed.startswith(".") else host == allowed


def is_outside(address: str) -> bool:
    """Whether an address lies in the public internet, also where it wraps another one."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found in _SITE_LOCAL:
            return False
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
    for magic, kind in _MAGIC:
        if magic.match(content):
            return kind
    raise NotAllowed("it is neither a picture nor a film")


def check_declared(declared: str) -> None:
    """What the server calls it (the field Content-Type) must be a picture, a film or nothing in particular.

    Raises:
        NotAllowed: it calls it something else, or a drawing that can hold script.
    """
    kind = declared.partition(";")[0].strip().lower()
    if kind not in _ANYTHING and (not kind.startswith(("image/", "video/")) or kind == "image/svg+xml"):
        raise NotAllowed("the host calls it neither a picture nor a film")
