"""`sereno clock`: the time of a station, and how a rehearsal's is moved on.

In: seconds to move on. Out: station time. A station that was not made with virtual time refuses.
"""

from __future__ import annotations

import datetime as dt
import sys

from sereno.asking import ask
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.store.database import Conflict, Database
from station.store.install import station_now
from station.store.virtual import shift


def clock(*, forward: float = 0.0, where: Where = Where()) -> None:
    """Print station time; with --forward SECONDS move it on first.

    For example:

      sereno clock --forward 1800
    """

    async def move(database: Database) -> dt.datetime | None:
        if forward:
            try:
                await shift(database, dt.timedelta(seconds=forward))
            except Conflict:
                return None
        return await station_now(database)

    now = ask(database_url(where), move)
    if now is None:
        print("This station keeps real time. Only one made with --virtual-time may move its clock.", file=sys.stderr)
        raise SystemExit(1)
    print(f"{now:%Y-%m-%d %H:%M:%S} UTC")
