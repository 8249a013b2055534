"""How much a panel may say before it floods, and when it floods no more."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class RunawayRules:
    """All of them, each a setting."""

    runaway_burst: int = 100
    """Signals that a panel may send at once; at one more it floods."""

    runaway_per_s: float = 0.5
    """At so many a second it may send on for ever, as far as the burst is concerned."""

    runaway_window_signals: int = 600
    """Signals within the window, however spread; at one more it floods."""

    runaway_window_s: float = 3600.0
    """Seconds of the window, which moves in halves."""

    runaway_recovery_s: float = 300.0
    """Seconds of silence after which it floods no more; longer, if it goes on at an ordinary pace."""

    runaway_reminder_s: float = 900.0
    """Seconds after which a flood that lasts comes back to a person."""


def check_runaway(_: object, rules: RunawayRules) -> None:
    """Refuse what means nothing.

    Raises:
        ValueError: the text says which setting, and what is wrong with it.
    """
    for field in attrs.fields(RunawayRules):
        if not getattr(rules, field.name) > 0:
            raise ValueError(f"{field.name} must be more than 0.")
