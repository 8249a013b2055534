"""What is old enough to go from the target.

In: the chains of a target and for how long any moment must stay restorable. Out: what may be removed. Only chains that
a station writes by itself are thinned; a backup that a person made stays until a person removes it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import pathlib
import shutil

from sereno.backup import archive
from sereno.backup.archive import STREAM
from sereno.backup.backup_key import BackupKey


def thin(target: pathlib.Path, writing: pathlib.Path, key: BackupKey, cutoff: dt.datetime) -> None:
    """Remove what no moment since `cutoff` needs. `writing` is the chain that is being written.

    Raises:
        CannotRun: the target can't be read.
    """
    for chain in archive.chains(target):
        if not chain.name.startswith(STREAM):
            continue
        if chain != writing and _ended_before(chain, key, cutoff):
            shutil.rmtree(chain, ignore_errors=True)
        else:
            _thin_chain(chain, key, cutoff)


def _ended_before(chain: pathlib.Path, key: BackupKey, cutoff: dt.datetime) -> bool:
    last = archive.complete(chain, key)
    return last is None or last.at < cutoff


def _thin_chain(chain: pathlib.Path, key: BackupKey, cutoff: dt.datetime) -> None:
    bases = archive.bases(chain, key)
    old = [base for base in bases if base.finished_at <= cutoff]
    for base in old[:-1]:  # from the last of them on, every moment since can be reached
        # First the note: what is left half-way is no backup any more.
        for path in (base.usable, base.path):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    if old:
        for piece in archive.pieces(chain):
            if piece.end <= old[-1].start:
                with contextlib.suppress(OSError):
                    piece.path.unlink(missing_ok=True)
