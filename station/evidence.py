"""What counts for the question whether an alarm is real: signals, and what people saw, heard and said.

In: nothing. Out: `Evidence`, one piece each. Which pieces confirm an alarm is the law's matter (`dispatcher/legal`).
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs


class EvidenceKind(enum.Enum):
    """What a piece of evidence is."""

    #: An intrusion alarm of one detector.
    DETECTOR = "detector"
    TAMPER = "tamper"
    #: One path or line is lost.
    PATH_LOST = "path_lost"
    ALL_PATHS_LOST = "all_paths_lost"
    #: An operator saw somebody on video.
    VIDEO = "video"
    #: An operator heard it.
    AUDIO = "audio"
    GUARD_REAL = "guard_real"
    GUARD_FALSE = "guard_false"
    #: A hold-up button, an anti-hostage code, a duress password.
    VOLUNTARY = "voluntary"
    #: The landline of the protected place was answered without the password, or with a wrong one.
    LANDLINE_NO_PASSWORD = "landline_no_password"  # noqa: S105 - the name of a finding
    #: A contact says that it is real, or calls for help.
    CONTACT_REAL = "contact_real"
    #: Right password, and clearly false.
    CONTACT_FALSE = "contact_false"
    CALL_UNANSWERED = "call_unanswered"
    #: Somebody saw it.
    WITNESS = "witness"
    #: A human is there, intent unknown.
    PRESENCE = "presence"
    THREAT_PROPERTY = "threat_property"
    THREAT_LIFE = "threat_life"


@attrs.frozen
class Evidence:
    """One piece. `detector` says which zone, or which number was called; `n` is the event of the incident, if any."""

    kind: EvidenceKind
    at: dt.datetime
    signal: int | None = None
    detector: str | None = None
    path: str | None = None
    n: int | None = None
