"""What the law is asked about premises, and what it answers."""

from __future__ import annotations

import enum

import attrs

from station.evidence import EvidenceKind


class Method(enum.Enum):
    """By what an alarm is confirmed, or police may be told."""

    SEQUENTIAL = "sequential"
    TAMPER = "tamper"
    PATH = "path"
    DUAL_PATH = "dual_path"
    VIDEO = "video"
    AUDIO = "audio"
    PERSONAL = "personal"
    VOLUNTARY = "voluntary"
    LANDLINE = "landline"
    CALL_BACK = "call_back"
    TWO_CALLS = "two_calls"
    WITNESS = "witness"


@attrs.frozen(kw_only=True)
class Premises:
    """What the law asks about the place. `window_s`: its own confirmation time; None: the country's longest."""

    country: str = ""
    grade: int | None = None
    window_s: int | None = None
    #: None: not known, and not held against an alarm.
    detectors_installed: int | None = None
    dual_path: bool = False
    domestic: bool = True


@attrs.frozen(kw_only=True)
class Verdict:
    """The answer. `ground`: police may be told. `signals` are those that counted; `level` is that of AVS-01.

    `denied_by`: the last word is that it is false. That unconfirms nothing; whoever decides must see both.
    """

    confirmed: bool = False
    ground: bool = False
    article: str = ""
    why: Method | None = None
    signals: tuple[int, ...] = ()
    level: int | None = None
    denied_by: EvidenceKind | None = None


@attrs.frozen
class Found:
    """One rule that holds, and the signals on which it does."""

    article: str
    method: Method
    signals: tuple[int, ...] = ()
