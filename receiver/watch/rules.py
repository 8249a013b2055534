"""When nobody looks at what we have acknowledged, and what the receiver does about it.

In: what each look at the database found, or that it found nothing out, and monotonic seconds. Out: whether to raise the
alarm, whether to make a noise now, whether to go on acknowledging.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence

import attrs

from receiver.watch.settings import WatchSettings
from station.store.waiting import Attention


class Reason(enum.Enum):
    """Why nobody looks; the value is what people read."""

    STORE = "the database does not answer"
    DISPATCHER = "the dispatcher does not work off what came"
    OPERATORS = "no operator is signed on"


@attrs.frozen(kw_only=True)
class Finding:
    """What one look comes to."""

    #: Why nobody looks; empty while somebody does.
    reasons: Sequence[Reason]
    #: It began, or ended, with this look.
    began: bool
    ended: bool
    #: Make a noise now.
    cry: bool
    stop_acknowledging: bool

    @property
    def text(self) -> str:
        """What people read."""
        if not self.reasons:
            return "Somebody looks at the alarms again."
        return f"Alarms may wait and nobody looks: {'; '.join(reason.value for reason in self.reasons)}."


class Vigil:
    """What was found so far."""

    def __init__(self, settings: WatchSettings, now_s: float) -> None:
        self._settings = settings
        self._answered_at_s = now_s
        #: Since when alarms wait and no operator is there.
        self._deserted_since_s: float | None = None
        self._reasons: tuple[Reason, ...] = ()
        self._began_at_s = now_s
        self._cried_at_s = now_s

    def look(self, found: Attention | None, now_s: float) -> Finding:
        """Take in one look; None: the database did not answer."""
        before, self._reasons = self._reasons, self._reasons_now(found, now_s)
        began, ended = bool(self._reasons and not before), bool(before and not self._reasons)
        if began:
            self._began_at_s = now_s
        cry = began or (bool(self._reasons) and now_s - self._cried_at_s >= self._settings.unattended_repeat_s)
        if cry:
            self._cried_at_s = now_s
        patience_s = self._settings.unattended_stop_ack_after_s
        return Finding(
            reasons=self._reasons,
            began=began,
            ended=ended,
            cry=cry,
            stop_acknowledging=bool(self._reasons)
            and patience_s is not None
            and now_s - self._began_at_s >= patience_s,
        )

    def _reasons_now(self, found: Attention | None, now_s: float) -> tuple[Reason, ...]:
        if found is None:
            # For all we know, what was so before is so still.
            silent = now_s - self._answered_at_s >= self._settings.unattended_after_s
            return (Reason.STORE, *self._other_reasons()) if silent else self._reasons
        self._answered_at_s = now_s
        if not found.waiting or found.operators:
            self._deserted_since_s = None
        elif self._deserted_since_s is None:
            self._deserted_since_s = now_s
        reasons = []
        if found.oldest_unread_s is not None and found.oldest_unread_s >= self._settings.unattended_after_s:
            reasons.append(Reason.DISPATCHER)
        if self._deserted_since_s is not None and now_s - self._deserted_since_s >= self._settings.unattended_after_s:
            reasons.append(Reason.OPERATORS)
        return tuple(reasons)

    def _other_reasons(self) -> tuple[Reason, ...]:
        return tuple(reason for reason in self._reasons if reason is not Reason.STORE)
