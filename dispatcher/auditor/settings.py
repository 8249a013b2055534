"""What the auditor is told."""

from __future__ import annotations

import pathlib

import attrs


@attrs.frozen(kw_only=True)
class Tolerances:
    """How late is too late, in seconds."""

    #: A next action of an incident, or a timer, after its due time.
    due_s: float = 15.0
    #: A signal that no dispatcher has worked off.
    unread_s: float = 5.0
    #: A message that nobody has begun to send.
    queued_s: float = 60.0
    #: A message that is being sent, after its sender should have been done.
    sending_s: float = 30.0


@attrs.frozen(kw_only=True)
class AuditorSettings:
    """All of it."""

    #: The station's folder, where heads and their key lie.
    data: pathlib.Path
    tolerances: Tolerances = Tolerances()
    look_every_s: float = 5.0
    #: Called while all is well; None: nobody outside is told.
    heartbeat_url: str | None = attrs.field(default=None, repr=False)
    heartbeat_every_s: float = 30.0
    #: Folder of another host, and address, to which heads are sent.
    heads_to: pathlib.Path | None = None
    heads_url: str | None = attrs.field(default=None, repr=False)
    head_every_s: float = 3600.0
    #: After what could not be taken or sent.
    head_retry_s: float = 60.0
