"""Pictures and films that a signal carries as links, and which of them may be fetched.

In: nothing. Out: `Media` and its states.
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs


class MediaState(enum.Enum):
    """The values are those of the SQL enum `media_state`."""

    WANTED = "wanted"
    FETCHING = "fetching"
    STORED = "stored"
    REFUSED = "refused"
    FAILED = "failed"
    GONE = "gone"


@attrs.frozen(kw_only=True)
class Wanted:
    """What the fetcher is to get."""

    id: int
    url: str
    attempts: int


@attrs.frozen(kw_only=True)
class Media:
    """What an incident shows of it; never the content itself."""

    id: int
    signal: int
    url: str
    state: MediaState
    why: str
    content_type: str | None
    expires_at: dt.datetime
