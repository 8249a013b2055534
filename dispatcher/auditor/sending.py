"""Heads to another host: into a folder that is mounted from there, or to an address by HTTPS.

In: the station's own folder of heads. Out: the same files elsewhere, in order; what could not be sent stays to be sent.
"""

from __future__ import annotations

import pathlib
import urllib.parse
from typing import Final

import httpx
import trio

from dispatcher.auditor.head_files import head_paths, write_whole

#: A folder of a host that is gone answers never.
_FOLDER_LIMIT_S: Final = 60.0
#: In the folder of heads: the last that the address has taken.
_POSTED: Final = "posted"

#: A thread in which such a folder is waited for can't be ended: there is never more than one.
_threads = trio.CapacityLimiter(1)


class NotSent(Exception):
    """The text says why; it names no secret part of an address."""


async def copy_heads(ours: pathlib.Path, there: pathlib.Path) -> int:
    """Copy to `there` what it lacks; how many.

    Raises:
        NotSent: not all of it.
    """
    with trio.move_on_after(_FOLDER_LIMIT_S):
        return await trio.to_thread.run_sync(_copy, ours, there, abandon_on_cancel=True, limiter=_threads)
    raise NotSent(f"{there} does not answer within {_FOLDER_LIMIT_S:.0f} s")


def _copy(ours: pathlib.Path, there: pathlib.Path) -> int:
    try:
        present = {path.name for path in head_paths([there])} if there.is_dir() else None
        if present is None:
            # It is not made: under a mount point where nothing is mounted the heads would stay on this host.
            raise NotSent(f"there is no folder {there}")
        missing = [path for path in head_paths([ours]) if path.name not in present]
        for path in missing:
            write_whole(there / path.name, path.read_text(encoding="ascii"))
    except OSError as error:
        raise NotSent(f"{there}: {error.strerror or error}") from error
    return len(missing)


async def same_disk(one: pathlib.Path, other: pathlib.Path) -> bool:
    """Whether one loss or one intruder takes both; False where that can't be told."""
    with trio.move_on_after(_FOLDER_LIMIT_S):
        return await trio.to_thread.run_sync(_same_disk, one, other, abandon_on_cancel=True, limiter=_threads)
    return False


def _same_disk(one: pathlib.Path, other: pathlib.Path) -> bool:
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False


async def post_heads(client: httpx.AsyncClient, ours: pathlib.Path, url: str) -> int:
    """POST to `url` what it has not taken yet; how many.

    Raises:
        NotSent: not all of it.
    """
    marker = ours / _POSTED
    host = urllib.parse.urlsplit(url).hostname
    sent = 0
    try:
        last = marker.read_text(encoding="ascii").strip() if marker.exists() else ""
        for path in head_paths([ours]):
            if path.name <= last:
                continue
            answer = await client.post(
                url, content=path.read_bytes(), headers={"Content-Type": "application/json", "Sereno-Head": path.name}
            )
            if not answer.is_success:
                raise NotSent(f"{host} answers {answer.status_code}")
            write_whole(marker, path.name + "\n")
            sent += 1
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotSent(f"{host}: {type(error).__name__}") from error
    except OSError as error:
        raise NotSent(f"{ours}: {error.strerror or error}") from error
    return sent
