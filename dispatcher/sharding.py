"""Which shards this dispatcher works on: taken by lease, kept by renewal, lost with a clear end.

In: the database. Out: `Held`. Of several dispatchers each takes its share of timers and messages; the lanes are
followed by whoever holds shard 0, so that the signals of one account keep their order. A killed one's shards are free
when its lease runs out.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from typing import Final

import attrs
import structlog
import trio

from station.errors import StoreUnavailable
from station.store import shards
from station.store.database import Database

log = structlog.get_logger()

LEASE_S: Final = 5.0
RENEW_S: Final = 1.0
#: Whoever holds this one follows the lanes.
LANES: Final = 0


def new_name() -> str:
    """A name that no other dispatcher has, not even this one's successor."""
    return f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"


@attrs.define
class Held:
    """The shards that this dispatcher holds just now, by number, with their fences."""

    name: str = attrs.field(factory=new_name)
    shards: Mapping[int, int] = attrs.field(factory=dict)

    @property
    def follows_lanes(self) -> bool:
        """Whether it is this dispatcher that follows the lanes."""
        return LANES in self.shards

    def only_lanes(self) -> Held:
        """The right to follow the lanes, alone: the rest may be lost meanwhile."""
        return Held(self.name, {LANES: self.shards[LANES]} if self.follows_lanes else {})


async def keep_held(database: Database, held: Held) -> None:
    """Take a share of the shards and keep it, for as long as this runs."""
    while True:
        try:
            await renew(database, held)
        except StoreUnavailable as error:
            log.warning("shards_not_renewed", why=str(error))
        await trio.sleep(RENEW_S)


async def renew(database: Database, held: Held) -> None:
    """Take or keep this dispatcher's share."""
    before = {*held.shards}
    held.shards = await shards.take(database, held.name, LEASE_S)
    if {*held.shards} != before:
        log.info("shards_held", shards=sorted(held.shards))
