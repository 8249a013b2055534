"""The TCP server of pysiaalarm, as its documentation starts it: asyncio, one task a connection, nothing stored.

In: nothing; it answers for the accounts of a load of ordinary size. Out: its port on standard output, and ACKs.
"""

from __future__ import annotations

import asyncio
import json
import sys

from pysiaalarm import SIAAccount, SIAEvent
from pysiaalarm.aio import SIAClient

from benchmarks.load import ACCOUNTS, FIRST_ACCOUNT

_BACKLOG = 4096


async def _reported(_: SIAEvent) -> None:
    """What a user of the package would do with an event is not our matter."""


async def _serve() -> None:
    accounts = [SIAAccount(f"{FIRST_ACCOUNT + n:X}", allowed_timeband=None) for n in range(ACCOUNTS)]
    client = SIAClient("127.0.0.1", 0, accounts, _reported)
    await client.async_start(backlog=_BACKLOG)
    print(json.dumps({"port": client.server.sockets[0].getsockname()[1]}), flush=True)
    # Standard input ends when the benchmark does.
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
