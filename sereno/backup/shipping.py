"""The log, carried to the target a piece at a time.

In: the log's files of a running PostgreSQL, and how far it is safe on disk. Out: sealed pieces without a gap. What is
safe on disk never changes, so it is read from PostgreSQL's own files; a slot keeps these from being removed too early.
A segment's small pieces give way to the whole segment, some time after it is full.
"""

from __future__ import annotations

import contextlib
import pathlib
from typing import Final

import attrs
import trio

from sereno.backup import archive, metrics
from sereno.backup.archive import SEGMENT_BYTES, Complete, Piece
from sereno.backup.backup_key import BackupKey
from sereno.backup.sealed_file import write_sealed
from sereno.problems import CannotRun
from station.store import wal
from station.store.database import Session

_SEGMENTS_A_NUMBER: Final = (1 << 32) // SEGMENT_BYTES
#: Small pieces outlive the whole segment by so much: somebody may be restoring from what was listed before.
_OVERLAP_S: Final = 3600.0


@attrs.define
class Shipping:
    """One chain, as its only writer knows it."""

    chain: pathlib.Path
    key: BackupKey
    #: PostgreSQL's folder of log files.
    files: pathlib.Path
    slot: str
    #: From where on the slot keeps log.
    kept_from: int
    shipped_to: int
    complete: Complete
    #: One at a time: a base backup waits for its log beside the one who ships all the time.
    _turn: trio.Lock = attrs.field(factory=trio.Lock, init=False)

    async def ship(self, session: Session) -> None:
        """Carry over what there is by now; then the backup is complete up to now.

        Raises:
            CannotRun: the target can't be written, or log is gone that it does not hold.
            StoreUnavailable: the database does not answer.
        """
        async with self._turn:
            now = await wal.position(session)
            metrics.WAITING.set(now.lsn - self.shipped_to)
            while self.shipped_to < now.lsn:
                await self._ship_piece(session, now)
                metrics.WAITING.set(now.lsn - self.shipped_to)
            self.complete = Complete(now.at, now.lsn)
            await trio.to_thread.run_sync(archive.say_complete, self.chain, self.key, self.complete)
            metrics.COMPLETE_TO.set(now.at.timestamp())
            if floor(self.shipped_to) > self.kept_from:
                self.kept_from = floor(self.shipped_to)
                await wal.advance_slot(session, self.slot, self.kept_from)

    async def _ship_piece(self, session: Session, now: wal.Position) -> None:
        segment = floor(self.shipped_to)
        end = min(segment + SEGMENT_BYTES, now.lsn)
        start = segment if end == segment + SEGMENT_BYTES else self.shipped_to
        data = await trio.to_thread.run_sync(_read, self.files / segment_name(now.timeline, segment), start, end)
        # Asked after reading: a file that was removed is soon written anew, under another name.
        if all(slot.name != self.slot or slot.lost for slot in await wal.slots(session)):
            raise CannotRun("Log is gone that the backup does not hold: it was away for too long. It begins anew.")
        state = Complete(now.at, now.lsn) if end == now.lsn else self.complete
        piece = Piece(start, end, now.timeline, archive.piece_path(self.chain, now.timeline, start, end))
        # A disk that hangs must not keep a station from ending.
        await trio.to_thread.run_sync(_write, piece, self.key, state, data, abandon_on_cancel=True)
        self.shipped_to = end


def floor(place: int) -> int:
    """Where the segment that holds `place` begins."""
    return place - place % SEGMENT_BYTES


def segment_name(timeline: str, start: int) -> str:
    """PostgreSQL's name for the file of the segment that begins at `start`."""
    high, low = divmod(start // SEGMENT_BYTES, _SEGMENTS_A_NUMBER)
    return f"{timeline}{high:08X}{low:08X}"


def _read(file: pathlib.Path, start: int, end: int) -> bytes:
    try:
        with file.open("rb") as segment:
            segment.seek(start % SEGMENT_BYTES)
            data = segment.read(end - start)
    except OSError as error:
        raise CannotRun(
            f"The database's log {file} can't be read: {error.strerror}. The backup begins anew."
        ) from error
    if len(data) < end - start:
        raise CannotRun(f"The database's log {file} is shorter than it should be. The backup begins anew.")
    return data


def _write(piece: Piece, key: BackupKey, state: Complete, data: bytes) -> None:
    metrics.WRITTEN.inc(write_sealed(piece.path, key, archive.facts_of(state), data))
    if not _is_whole(piece):
        return
    for small in archive.pieces(piece.path.parent):
        if not _is_whole(small) and small.end <= piece.end:
            with contextlib.suppress(OSError):
                if small.path.stat().st_mtime < piece.path.stat().st_mtime - _OVERLAP_S:
                    small.path.unlink()


def _is_whole(piece: Piece) -> bool:
    return piece.end - piece.start == SEGMENT_BYTES
