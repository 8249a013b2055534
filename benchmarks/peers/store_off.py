"""Our receiver, all of it, with a journal that commits nothing: what it could do if the store cost nothing.

In: the command line of `sereno receiver`. Out: the same process; only the COPY is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from unittest import mock

from receiver import journal
from sereno.command import main
from station.store.database import Connection


async def _stored_nowhere(_: Connection, __: int, ___: int, ____: Sequence[bytes]) -> None:
    pass


if __name__ == "__main__":
    with mock.patch.object(journal, "write_rows", _stored_nowhere):
        main()
