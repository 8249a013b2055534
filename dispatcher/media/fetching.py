"""One fetch: resolved by us, checked, and reached at the very address that was checked.

In: a link that is allowed. Out: its content and kind. No redirect is followed, nothing is sent but the request, nothing
is read beyond the limit, and nobody between the check and the connection can give another address.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from typing import Final

import attrs
import httpx
import trio

from dispatcher.media.rules import LARGEST_BYTES, Link, NotAllowed, is_outside, kind_of

WITHIN_S: Final = 20.0
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class NotNow(Exception):
    """It may be there later; the text says what was in the way."""


@attrs.frozen
class Fetched:
    """What was there."""

    content: bytes = attrs.field(repr=False)
    content_type: str


async def fetch(link: Link, *, allowed: Callable[[str], bool] = is_outside) -> Fetched:
    """Get it. `allowed` says which addresses may be reached.

    Raises:
        NotAllowed: its address, its size or its kind is not, or it leads elsewhere.
        NotNow: it is not there just now.
    """
    address = await _address(link, allowed)
    shown = f"[{address}]" if ":" in address else address
    headers = {
        "host": link.host if link.port in {80, 443} else f"{link.host}:{link.port}",
        "accept": "image/*, video/*",
    }
    try:
        with trio.fail_after(WITHIN_S):
            async with (
                httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=WITHIN_S) as client,
                client.stream(
                    "GET",
                    f"{link.scheme}://{shown}:{link.port}{link.target}",
                    headers=headers,
                    extensions={"sni_hostname": link.host},
                ) as answer,
            ):
                return await _read(answer)
    except (httpx.HTTPError, trio.TooSlowError) as error:
        raise NotNow(type(error).__name__) from error


async def _address(link: Link, allowed: Callable[[str], bool]) -> str:
    try:
        found = await trio.socket.getaddrinfo(link.host, link.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotNow(f"{link.host} can't be resolved") from error
    addresses = [str(one[4][0]) for one in found]
    # One forbidden address among others is enough: nobody with an honest name has one.
    if not addresses or not all(allowed(address) for address in addresses):
        raise NotAllowed(f"{link.host} leads into an inner network")
    return addresses[0]


async def _read(answer: httpx.Response) -> Fetched:
    if answer.is_redirect:
        raise NotAllowed("it leads elsewhere")
    if answer.status_code in _AGAIN:
        raise NotNow(f"the host answers {answer.status_code}")
    if answer.status_code != 200:
        raise NotAllowed(f"the host answers {answer.status_code}")
    content = bytearray()
    async with contextlib.aclosing(answer.aiter_raw()) as parts:
        async for part in parts:
            content += part
            if len(content) > LARGEST_BYTES:
                raise NotAllowed(f"it is larger than {LARGEST_BYTES // 1024 // 1024} MB")
    return Fetched(bytes(content), kind_of(bytes(content[:32])))
