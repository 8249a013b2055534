"""Which base backup and which pieces of log bring the database to a moment; or why none do.

In: what lies in the target, and a moment. Out: a plan. The rule: whatever was committed at or before the moment is
there, and nothing that was committed after it.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from collections.abc import Sequence

import attrs

from sereno.backup import archive
from sereno.backup.archive import Base, Complete, Piece
from sereno.backup.backup_key import BackupKey
from sereno.backup.sealed_file import read_facts
from sereno.problems import CannotRun


@attrs.frozen
class Span:
    """A base backup, the log that follows it without a gap, and up to when that reaches."""

    base: Base
    pieces: Sequence[Piece]
    until: dt.datetime
    #: The first piece behind a gap.
    after_gap: Piece | None

    def holds(self, moment: dt.datetime) -> bool:
        """Whether it brings the database to this moment."""
        return self.base.finished_at <= moment <= self.until


def spans(target: pathlib.Path, key: BackupKey) -> list[Span]:
    """What can be restored, oldest first.

    Raises:
        CannotRun: the target or one of its files can't be read, or there is a base but not its log.
    """
    found: list[Span] = []
    useless: list[Base] = []
    for chain in archive.chains(target):
        pieces, last = archive.pieces(chain), archive.complete(chain, key)
        for base in archive.bases(chain, key):
            span = _span(base, pieces, last, key)
            if span is None:
                useless.append(base)
            else:
                found.append(span)
    if useless and not found:
        raise CannotRun(f"Log is missing that {useless[-1].path} can't do without. Use another copy of this backup.")
    return sorted(found, key=lambda span: span.base.finished_at)


def _span(base: Base, pieces: Sequence[Piece], last: Complete | None, key: BackupKey) -> Span | None:
    """None: the base lacks log that it can't do without."""
    run = contiguous(pieces, base)
    reached = run[-1].end if run else base.start
    if reached < base.end:
        return None
    until = archive.complete_of(read_facts(run[-1].path, key)).at
    if last is not None and last.end <= reached:
        until = max(until, last.at)
    beyond = next((piece for piece in pieces if piece.start > reached and piece.timeline == base.timeline), None)
    return Span(base, run, until, beyond)


def contiguous(pieces: Sequence[Piece], base: Base) -> list[Piece]:
    """The pieces from the base's start on, as far as each begins where another ended; small ones may lie in large."""
    run: list[Piece] = []
    reached = base.start
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        if piece.timeline == base.timeline and piece.start <= reached < piece.end:
            run.append(piece)
            reached = piece.end
    return run


def choose(found: Sequence[Span], moment: dt.datetime | None) -> Span:
    """The newest base that leads to `moment`; None asks for the latest there is.

    Raises:
        CannotRun: nothing leads there.
    """
    if not found:
        raise CannotRun("There is no whole backup in that folder. Check the folder: --from DIR")
    if moment is None:
        if (gap := found[-1].after_gap) is not None:
            raise CannotRun(
                f"{_missing(found[-1], gap)} Find it, or restore to no later than {shown(found[-1].until)}: --to TIME"
            )
        return found[-1]
    leading = [span for span in found if span.holds(moment)]
    if leading:
        return leading[-1]
    if moment < found[0].base.finished_at:
        raise CannotRun(
            f"{shown(moment)} lies before the first backup in that folder. "
            f"The earliest that can be restored is {shown(found[0].base.finished_at)}."
        )
    nearest = max((span for span in found if span.base.finished_at <= moment), key=lambda span: span.until)
    if nearest.after_gap is not None:
        raise CannotRun(
            f"{_missing(nearest, nearest.after_gap)} "
            f"Without it the latest before {shown(moment)} that can be restored is {shown(nearest.until)}."
        )
    raise CannotRun(
        f"{shown(moment)} lies after the end of this backup. The latest before it that can be restored is "
        f"{shown(nearest.until)}."
    )


def _missing(span: Span, gap: Piece) -> str:
    return f"Log is missing between {span.pieces[-1].path.name} and {gap.path.name} in {gap.path.parent}."


def shown(moment: dt.datetime) -> str:
    """A moment as `--to` takes it."""
    return moment.astimezone(dt.UTC).isoformat(sep=" ", timespec="microseconds").replace("+00:00", "Z")
