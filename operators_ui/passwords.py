"""Checking passwords without keeping anyone waiting: in worker threads, a few at once.

In: a password as typed, and the hash to compare with, if the name is known. Out: whether it is the right one.
"""

from __future__ import annotations

from typing import Final

import trio

from station.passwords import password_matches

#: Each check takes 64 MiB and a core for a moment; a flood of them must not starve the queue.
_AT_ONCE: Final = 2


class Passwords:
    """Checks passwords."""

    def __init__(self) -> None:
        self._limiter = trio.CapacityLimiter(_AT_ONCE)

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """Whether `password` is the one behind `password_hash`; never for None, and as late."""
        return await trio.to_thread.run_sync(password_matches, password, password_hash, limiter=self._limiter)
