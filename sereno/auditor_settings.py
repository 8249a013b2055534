"""What the auditor is told: who hears that the station keeps up, and where the proof of its history is kept."""

from __future__ import annotations

import pathlib
import urllib.parse
from typing import Annotated

import attrs
from cyclopts import Parameter
from cyclopts.validators import Number

_Seconds = Annotated[float, Parameter(validator=Number(gt=0))]


def check_auditing(_: object, settings: Auditing) -> None:
    """Refuse what means nothing.

    Raises:
        ValueError: the text says which setting, and what is wrong with it.
    """
    _check_url("heartbeat_url", settings.heartbeat_url, {"http", "https"})
    _check_url("heads_url", settings.heads_url, {"https"})


def _check_url(name: str, url: str | None, schemes: set[str]) -> None:
    if url is None:
        return
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in schemes or not parts.hostname:
        allowed = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        raise ValueError(f"{name} must begin with {allowed} and name a host.")


@Parameter(name="*", validator=check_auditing)
@attrs.frozen(kw_only=True)
class Auditing:
    """Who is told that the station keeps up, and where the proof of its history is kept."""

    heartbeat_url: str | None = attrs.field(default=None, repr=False)
    """An address, http or https, that gets a GET every 30 s while all is well, and none while it is not."""

    heads_to: pathlib.Path | None = None
    """Keep the signed heads of the station's history in this folder too: one that is mounted from another host."""

    heads_url: str | None = attrs.field(default=None, repr=False)
    """An address, https, that gets each signed head by POST."""

    auditor_due_s: _Seconds = 15.0
    """Seconds by which an incident's next action, or a timer, may be overdue until the auditor raises the alarm."""

    auditor_unread_s: _Seconds = 5.0
    """Seconds that a signal may wait for the dispatcher."""

    auditor_queued_s: _Seconds = 60.0
    """Seconds that a message may wait to be sent."""

    auditor_sending_s: _Seconds = 30.0
    """Seconds by which the sending of a message may outlast the time that its sender has."""
