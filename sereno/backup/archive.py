"""What lies in a backup's target folder: chains, each with base backups and the log that follows them.

    README.txt                                   made by `sereno backup`: the folder is meant for this
    stream-20261122T081320Z-1f3a9c02/            a chain: its log has no gap
      20261122T081325Z.base                      the database's files at that time
      20261122T081325Z.usable                    stands only beside a base that is whole
      00000001-0000000001000000-0000000002000000.wal    log of timeline 1, from one place in it to another
      complete                                   up to when nothing is missing

In: the folder. Out: these, as values. The names give away times and amounts, and nothing else.
"""

from __future__ import annotations

import datetime as dt
import os
import pathlib
import re
from collections.abc import Sequence
from typing import Final

import attrs

from sereno.backup.backup_key import BackupKey
from sereno.backup.sealed_file import Facts, read_facts, sync_folder, write_sealed
from sereno.problems import CannotRun

#: Written by a station that runs, or once by a person's `sereno backup`.
STREAM: Final = "stream"
ONCE: Final = "once"
SEGMENT_BYTES: Final = 16 * 1024 * 1024
_CHAIN: Final = re.compile(rf"({STREAM}|{ONCE})-(\d{{8}}T\d{{6}}Z)-[0-9a-f]{{8}}")
_PIECE: Final = re.compile(r"([0-9A-F]{8})-([0-9A-F]{16})-([0-9A-F]{16})\.wal")
_STAMP: Final = "%Y%m%dT%H%M%SZ"
_README: Final = """\
Backups of an alarm receiving centre, written by `sereno backup` and by the station itself.

The files are sealed. To read them you need the station's backup key (backup.key), and to use what they hold also its
station key (station.key). Neither lies here: keep copies of both somewhere else, apart from this disk.

    sereno backup list --from THIS-FOLDER --backup-key FILE
    sereno restore --from THIS-FOLDER --backup-key FILE --station-key FILE --to latest --data NEW-FOLDER

Keep this file: without it a station takes the folder for one whose disk is not mounted, and writes nothing.
"""


@attrs.frozen
class Base:
    """A base backup that is whole. Its log begins at `start`; from `end` on the database is consistent."""

    path: pathlib.Path
    finished_at: dt.datetime
    start: int
    end: int
    timeline: str

    @property
    def usable(self) -> pathlib.Path:
        """The file that says so."""
        return self.path.with_suffix(".usable")


@attrs.frozen(order=True)
class Piece:
    """Log from `start` to before `end`, in bytes since the cluster was made; never more than one segment."""

    start: int
    end: int
    timeline: str
    path: pathlib.Path = attrs.field(order=False)


@attrs.frozen
class Complete:
    """Every transaction committed by `at` lies before `end` in the log."""

    at: dt.datetime
    end: int


# Reading ---------------------------------------------------------------------------------------------------------


def chains(target: pathlib.Path) -> list[pathlib.Path]:
    """The folders of all chains, oldest first.

    Raises:
        CannotRun: the target can't be read.
    """
    try:
        found = [path for path in target.iterdir() if _CHAIN.fullmatch(path.name)]
    except OSError as error:
        raise CannotRun(
            f"The backup folder {target} can't be read: {error.strerror}. Check that it is mounted."
        ) from error
    return sorted(found, key=lambda path: path.name.split("-")[1])


def bases(chain: pathlib.Path, key: BackupKey) -> list[Base]:
    """The whole base backups of a chain, oldest first.

    Raises:
        CannotRun: one of them can't be read.
    """
    found = [_base(path.with_suffix(".base"), read_facts(path, key)) for path in sorted(chain.glob("*.usable"))]
    for base in found:
        if not base.path.exists():
            raise CannotRun(f"{base.path} is missing. Use another copy of this backup.")
    return found


def pieces(chain: pathlib.Path) -> list[Piece]:
    """The log of a chain, in order."""
    found = [(path, named) for path in chain.glob("*.wal") if (named := _PIECE.fullmatch(path.name))]
    return sorted(Piece(int(named[2], 16), int(named[3], 16), named[1], path) for path, named in found)


def complete(chain: pathlib.Path, key: BackupKey) -> Complete | None:
    """What the writer last said; None if it never did.

    Raises:
        CannotRun: it can't be read.
    """
    path = chain / "complete"
    return complete_of(read_facts(path, key)) if path.exists() else None


def complete_of(facts: Facts) -> Complete:
    """The same, from the facts of a piece of log."""
    return Complete(dt.datetime.fromisoformat(str(facts["complete_at"])), int(facts["complete_end"]))


def _base(path: pathlib.Path, facts: Facts) -> Base:
    return Base(
        path=path,
        finished_at=dt.datetime.fromisoformat(str(facts["finished_at"])),
        start=int(facts["start"]),
        end=int(facts["end"]),
        timeline=str(facts["timeline"]),
    )


# Writing ---------------------------------------------------------------------------------------------------------


def is_prepared(target: pathlib.Path) -> bool:
    """Whether a person meant this folder for backups, and its disk is there."""
    return (target / "README.txt").exists()


def prepare(target: pathlib.Path) -> None:
    """Mean it for backups. The folder itself must be there: a disk that is not mounted is none.

    Raises:
        CannotRun: it is not there, or can't be written.
    """
    if is_prepared(target):
        return
    try:
        (target / "README.txt").write_text(_README, encoding="utf-8")
        sync_folder(target)
    except OSError as error:
        raise CannotRun(
            f"Backups can't be written to {target}: {error.strerror}. Make the folder, or mount its disk."
        ) from error


def new_chain_name(kind: str, now: dt.datetime) -> str:
    """A name for a chain that nobody has used."""
    return f"{kind}-{now.strftime(_STAMP)}-{os.urandom(4).hex()}"


def make_chain(target: pathlib.Path, name: str) -> pathlib.Path:
    """Its folder.

    Raises:
        CannotRun: it can't be made.
    """
    try:
        (target / name).mkdir(mode=0o700)
        sync_folder(target)
    except OSError as error:
        raise CannotRun(f"The backup can't be written to {target}: {error.strerror}. Make room there.") from error
    return target / name


def new_base_path(chain: pathlib.Path, now: dt.datetime) -> pathlib.Path:
    """Where the next base backup of a chain goes."""
    return chain / f"{now.strftime(_STAMP)}.base"


def piece_path(chain: pathlib.Path, timeline: str, start: int, end: int) -> pathlib.Path:
    """Where log from `start` to `end` goes."""
    return chain / f"{timeline}-{start:016X}-{end:016X}.wal"


def facts_of(state: Complete) -> Facts:
    """As `complete_of` reads them."""
    return {"complete_at": state.at.isoformat(), "complete_end": state.end}


def say_complete(chain: pathlib.Path, key: BackupKey, state: Complete) -> None:
    """Note up to when nothing is missing.

    Raises:
        CannotRun: it can't be written.
    """
    write_sealed(chain / "complete", key, facts_of(state))


def declare_usable(base: Base, key: BackupKey) -> None:
    """From now on the base is taken for whole.

    Raises:
        CannotRun: it can't be written.
    """
    facts: Facts = {
        "finished_at": base.finished_at.isoformat(),
        "start": base.start,
        "end": base.end,
        "timeline": base.timeline,
    }
    write_sealed(base.usable, key, facts)


def half_bases(chain: pathlib.Path) -> Sequence[pathlib.Path]:
    """What killed backups left behind: bases that are not whole."""
    halves = [base for base in chain.glob("*.base") if not base.with_suffix(".usable").exists()]
    return [*halves, *chain.glob(".*.base.half")]
