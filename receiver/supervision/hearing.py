"""Since when silence means something: a path is never lost because we were deaf.

In: beats of this process, and when anybody last swept. Out: the `Listening` that a sweep judges by. Deaf is a process
that stood still or was not there, a clock that was set, and a station whose database nobody reached.
"""

from __future__ import annotations

import attrs

from receiver.supervision.settings import SupervisionSettings
from receiver.supervision.sweep import Listening
from station.store.paths import LastSweep

#: A clock that goes back by more than this was set.
_STEP_BACK_S = 2.0


@attrs.frozen
class Deaf:
    """Nobody listened from one instant to another, for longer than panels try; seconds since 1970."""

    began_s: float
    ended_s: float


class Hearing:
    """What this process knows of its own deafness."""

    def __init__(self, settings: SupervisionSettings, now_s: float) -> None:
        self._settings = settings
        self._unbroken_since_s = now_s
        self._beat_s = now_s
        self.listening = Listening(since_s=0.0, settle_s=settings.supervision_settle_s, anew_s=0.0)
        #: Long times that test reports may have fallen into; emptied by who has seen to that.
        self.deaf: list[Deaf] = []

    def beat(self, now_s: float) -> bool:
        """This process listens. True if the clock was set back, so that what was heard seems to lie ahead."""
        gap_s, before_s, self._beat_s = now_s - self._beat_s, self._beat_s, now_s
        if gap_s < -_STEP_BACK_S:
            self._unbroken_since_s = now_s
            self.listening = attrs.evolve(self.listening, since_s=now_s, anew_s=now_s)
            return True
        if gap_s > self._settings.supervision_deaf_s:
            self._unbroken_since_s = now_s
            self._was_deaf(before_s, now_s)
        return False

    def take_over(self, last: LastSweep | None, now_s: float) -> None:
        """This process begins to sweep; `last`: what the one before it knew."""
        if last is None:
            self.listening = attrs.evolve(self.listening, since_s=now_s, anew_s=now_s)
            return
        self.listening = attrs.evolve(
            self.listening,
            since_s=max(self.listening.since_s, min(last.since_s, now_s)),
            anew_s=max(self.listening.anew_s, min(last.anew_s, now_s)),
        )
        if now_s - last.swept_s > self._settings.supervision_deaf_s:
            # Who has listened all the while lacks only what other hosts could not tell.
            listened = self._unbroken_since_s <= last.swept_s + self._settings.supervision_deaf_s
            self._was_deaf(now_s if listened else last.swept_s, now_s)

    def _was_deaf(self, began_s: float, ended_s: float) -> None:
        self.listening = attrs.evolve(self.listening, since_s=ended_s)
        if ended_s - began_s > self._settings.supervision_long_deaf_s:
            self.listening = attrs.evolve(self.listening, anew_s=ended_s)
            self.deaf.append(Deaf(began_s, ended_s))
