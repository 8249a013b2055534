"""What demo customers have agreed: services, patrols, passwords, settings; invented like all else there.

In: a fresh demo database and its station key. Out: every account has a police, fire and medical service, a guard
contract, and the same three words, which are printed at the start.
"""

from __future__ import annotations

from typing import Final

from sereno.asking import asked
from station.spoken_passwords import keep
from station.station_key import StationKey
from station.store import demo_agreements
from station.store.database import Database

#: Said on the telephone at a demonstration. They guard invented people only.
PASSWORD: Final = "girasol"  # noqa: S105 - shown to everybody who runs a demonstration
DURESS: Final = "tormenta"
COUNTER: Final = "faro"


async def agree(url: str, key: StationKey) -> None:
    """Fill in what is agreed."""

    async def fill(database: Database) -> None:
        async with database.transaction() as session:
            await demo_agreements.fill(session, keep(key, PASSWORD), keep(key, DURESS), key.seal(COUNTER.encode()))

    await asked(url, fill)
