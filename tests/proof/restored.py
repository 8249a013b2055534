"""A backup proven by what counts: it is restored, and what it holds is verified.

In: a backup's folder and key, and a moment. Out: the signals of the restored station and the verdict of
`sereno audit verify`. The restored station stays in its folder, stopped.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import signal
import subprocess
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet

import attrs
import trio

from sereno.backup.backup_key import load
from sereno.backup.restoring import Request, restore
from sereno.embedded_postgres import SUPERUSER, Cluster, prepare
from station.store import audit
from station.store.database import open_database
from station.store.restored import Restoration

#: On a machine with other work to do.
STARTS_WITHIN_S = 120.0


@attrs.frozen
class Restored:
    """What a restored station holds."""

    gap: Restoration
    #: Ids of all signals, copies included.
    signals: AbstractSet[int]
    #: Raw frames of all signals.
    frames: AbstractSet[bytes]
    verified: audit.Verified


async def restore_and_verify(
    target: pathlib.Path, backup_key: pathlib.Path, moment: dt.datetime | None, data: pathlib.Path
) -> Restored:
    """Restore to `moment` (None: the latest) into `data`, a new folder, and verify every chain.

    Raises:
        CannotRun: the backup does not lead there; alone or in a group.
        Altered: something is not as it was written.
    """
    gap = await restore(Request(target=target, key=load(backup_key), moment=moment, data=data))
    async with running(await prepare(data / "postgres")) as url, open_database(url, SUPERUSER) as owner:
        rows = await owner.fetch("select id, raw from signal")
        verified = await audit.verify(owner)
    return Restored(gap, {row["id"] for row in rows}, {row["raw"] for row in rows}, verified)


@contextlib.asynccontextmanager
async def running(cluster: Cluster, *settings: str) -> AsyncIterator[str]:
    """The cluster runs while the block does; its URL as its owner. `settings` are NAME=VALUE of PostgreSQL."""
    options = [word for setting in settings for word in ("-c", setting)]
    server = await trio.lowlevel.open_process(
        [*cluster.command, *options], stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        with trio.fail_after(STARTS_WITHIN_S):
            await cluster.wait_until_it_answers()
        yield cluster.url()
    finally:
        with trio.CancelScope(shield=True):
            server.send_signal(signal.SIGINT)
            await server.wait()
