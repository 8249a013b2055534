"""Where frames come from, as numbers that fit into an array: the host, and the network that it shares with others.

In: an IP address as text. Out: a digest of it, and the network (/24, or /48 in IPv6) as a number that can be read back.
"""

from __future__ import annotations

import functools
import ipaddress
import zlib
from typing import Final

_IPV6: Final = 1 << 63
_IPV4: Final = 1 << 62


@functools.lru_cache(65_536)
def digest(host: str) -> int:
    """32 bits of a host's address, the same in every process, never 0."""
    return zlib.crc32(host.encode()) or 1


@functools.lru_cache(4_096)
def network(host: str) -> int:
    """The network as a number; 0 where `host` is no address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return 0
    mapped = address.ipv4_mapped if address.version == 6 else None
    if mapped is not None:
        address = mapped
    return _IPV6 | int(address) >> 80 if address.version == 6 else _IPV4 | int(address) >> 8


def network_text(number: int) -> str:
    """Such as 198.51.100.0/24."""
    if number & _IPV6:
        return f"{ipaddress.IPv6Address((number ^ _IPV6) << 80)}/48"
    return f"{ipaddress.IPv4Address((number ^ _IPV4) << 8)}/24"
