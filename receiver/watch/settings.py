"""What the watch is told: how long alarms may wait with nobody to look, and how to make itself heard then."""

from __future__ import annotations

import shlex
import urllib.parse

import attrs


@attrs.frozen(kw_only=True)
class WatchSettings:
    """All of them, each a setting."""

    unattended_after_s: float = 30.0
    """Seconds that alarms may wait with no dispatcher at work or no operator signed on, or that the database may be
    silent; then the receiver itself raises the alarm."""

    unattended_command: str = ""
    """A program and its arguments, run each time that the receiver cries out; no shell. What is the matter stands in
    SERENO_UNATTENDED. For example: aplay -q /usr/share/sounds/siren.wav"""

    unattended_webhook: str | None = attrs.field(default=None, repr=False)
    """An address, http or https, that gets a POST with JSON each time, and once when it is over."""

    unattended_repeat_s: float = 30.0
    """Seconds from one cry to the next, while it lasts."""

    unattended_stop_ack_after_s: float | None = None
    """Seconds from the first cry after which panels get no ACK any more, so that they turn to their second receiver;
    what they send is stored. Without it they are always acknowledged."""

    unattended_look_s: float = 3.0
    """Seconds from one look to the next."""

    operator_idle_s: float = 900.0
    """Seconds after which an operator who did nothing, and holds no incident, counts as gone."""


def check_watch(_: object, settings: WatchSettings) -> None:
    """Refuse what means nothing.

    Raises:
        ValueError: the text says which setting, and what is wrong with it.
    """
    for name in ("unattended_after_s", "unattended_repeat_s", "unattended_look_s", "operator_idle_s"):
        if not getattr(settings, name) > 0:
            raise ValueError(f"{name} must be more than 0.")
    if settings.unattended_stop_ack_after_s is not None and settings.unattended_stop_ack_after_s < 0:
        raise ValueError("unattended_stop_ack_after_s must not be less than 0.")
    try:
        shlex.split(settings.unattended_command)
    except ValueError as error:
        raise ValueError(f"unattended_command is no command line: {error}.") from None
    parts = urllib.parse.urlsplit(settings.unattended_webhook or "http://none")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("unattended_webhook must begin with http:// or https:// and name a host.")
