"""The fetcher: gets what alarms name, keeps it as long as it may be kept.

In: a database as `sereno_fetcher`, which sees links and allowed hosts and nothing else of ours. Out: rows of `media`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog
import trio

from dispatcher.media.child import in_a_child
from dispatcher.media.fetching import Fetched, NotNow
from dispatcher.media.rules import Link, NotAllowed, link_of
from station.errors import StoreUnavailable
from station.media import MediaState, Wanted
from station.store import media
from station.store.database import Database, open_database
from station.store.install import station_row

log = structlog.get_logger()

ROLE: Final = "sereno_fetcher"
_AT_ONCE: Final = 4
_TRIES: Final = 5
_BACK_OFF_S: Final = 15.0
_LOOK_S: Final = 1.0

#: How a link is fetched.
Get = Callable[[Link], Awaitable[Fetched]]


async def run_fetcher(
    database_url: str,
    *,
    get: Get = in_a_child,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Fetch until cancelled."""
    async with open_database(database_url, ROLE, size=2) as database:
        await station_row(database)
        task_status.started()
        while True:
            try:
                await fetch_wanted(database, get)
                await media.forget(database)
            except StoreUnavailable as error:
                log.warning("media_not_looked_for", why=str(error))
            await trio.sleep(_LOOK_S)


async def fetch_wanted(database: Database, get: Get = in_a_child) -> int:
    """Get what is wanted now; how many links."""
    wanted = await media.next_wanted(database, _AT_ONCE)
    hosts = await media.hosts(database) if wanted else []
    async with trio.open_nursery() as nursery:
        for one in wanted:
            nursery.start_soon(_get, database, one, hosts, get)
    return len(wanted)


async def _get(database: Database, wanted: Wanted, hosts: Sequence[media.Host], get: Get) -> None:
    try:
        await _get_one(database, wanted, hosts, get)
    except StoreUnavailable as error:  # the others go on; this one is taken up again when its claim has run out
        log.warning("media_not_stored", media=wanted.id, why=str(error))


async def _get_one(database: Database, wanted: Wanted, hosts: Sequence[media.Host], get: Get) -> None:
    if wanted.attempts > _TRIES:
        await media.give_up(database, wanted.id, MediaState.FAILED, "no try came to an end")
        return
    try:
        found = await get(link_of(wanted.url, hosts))
    except NotAllowed as why:
        await media.give_up(database, wanted.id, MediaState.REFUSED, str(why))
    except NotNow as why:
        if wanted.attempts >= _TRIES:
            await media.give_up(database, wanted.id, MediaState.FAILED, str(why))
        else:
            await media.again(database, wanted.id, str(why), _BACK_OFF_S * wanted.attempts)
    else:
        await media.store(database, wanted.id, found.content, found.content_type)
