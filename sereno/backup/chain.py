"""Beginning a chain, and finding the one that a station writes already.

In: a prepared target folder and a session of the database. Out: a `Shipping`. The slot that keeps the log bears the
chain's name, and slots are part of no backup: so a restored station, or one whose slot was lost, begins a new chain.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
from typing import Final

from sereno.backup import archive
from sereno.backup.archive import ONCE, STREAM, Complete
from sereno.backup.backup_key import BackupKey
from sereno.backup.shipping import Shipping, floor
from sereno.problems import CannotRun
from station.store import wal
from station.store.database import Session

_SLOT_PREFIX: Final = "sereno_"


async def begin_once(session: Session, target: pathlib.Path, key: BackupKey, files: pathlib.Path) -> Shipping:
    """A chain for one base backup; its slot ends with the session, which must be a dedicated connection.

    Raises:
        CannotRun: the target can't be written.
        StoreUnavailable: the database does not answer.
    """
    return await _begin(session, target, ONCE, key, files)


async def begin_or_continue(session: Session, target: pathlib.Path, key: BackupKey, files: pathlib.Path) -> Shipping:
    """The chain that the station writes to this target all the time.

    Raises:
        CannotRun: nobody prepared the target, or its disk is not mounted, or it can't be written.
        StoreUnavailable: the database does not answer.
    """
    if not archive.is_prepared(target):
        raise CannotRun(
            f"{target} is not prepared for backups, or its disk is not mounted. Mount it, "
            f"or prepare it by a first backup: sereno backup --backup-to {target}"
        )
    for slot in await wal.slots(session):
        chain = target / chain_name(slot.name)
        if slot.kept_from is not None and not slot.lost and chain.is_dir() and STREAM in chain.name:
            shipping = _continued(chain, key, files, slot.name, slot.kept_from)
            if shipping.shipped_to >= slot.kept_from and shipping.shipped_to <= (await wal.position(session)).lsn:
                return shipping
    for slot in await wal.slots(session):
        if STREAM in slot.name:  # a backup by hand has its own, and drops it
            await wal.drop_slot(session, slot.name)
    return await _begin(session, target, STREAM, key, files)


async def _begin(session: Session, target: pathlib.Path, kind: str, key: BackupKey, files: pathlib.Path) -> Shipping:
    now = await wal.position(session)
    chain = archive.make_chain(target, archive.new_chain_name(kind, now.at))
    await wal.make_slot(session, slot_name(chain.name), temporary=kind == ONCE)
    (kept_from,) = [slot.kept_from for slot in await wal.slots(session) if slot.name == slot_name(chain.name)]
    if kept_from is None:
        raise CannotRun("The database keeps no log for the backup. Try again.")
    begin = floor(kept_from)
    return Shipping(chain, key, files, slot_name(chain.name), kept_from, begin, Complete(now.at, begin))


def _continued(chain: pathlib.Path, key: BackupKey, files: pathlib.Path, slot: str, kept_from: int) -> Shipping:
    for half in chain.glob(".*.half"):
        with contextlib.suppress(OSError):
            half.unlink()
    pieces = archive.pieces(chain)
    shipped_to = max((piece.end for piece in pieces), default=floor(kept_from))
    last = archive.complete(chain, key)
    if last is None:
        last = Complete(dt.datetime.fromtimestamp(0, dt.UTC), floor(kept_from))
    return Shipping(chain, key, files, slot, kept_from, shipped_to, last)


def slot_name(chain: str) -> str:
    """The slot of a chain: PostgreSQL takes small letters, digits and underscores."""
    return _SLOT_PREFIX + chain.replace("-", "_").lower()


def chain_name(slot: str) -> str:
    """The chain of a slot."""
    kind, stamp, random = slot.removeprefix(_SLOT_PREFIX).split("_")
    return f"{kind}-{stamp.upper()}-{random}"
