"""Pictures and films that a signal carries as links, and which of them may be fetched.

In: a signal's extended data as it is stored. Out: `Media` and its states, and the links that the signal carries (SIA
DC-09, extended data V: verification).
"""

from __future__ import annotations

import datetime as dt
import enum
import json
import re
from collections.abc import Sequence
from typing import Final

import attrs

#: DC-09 extended data: a link to a picture or film.
LINK: Final = "V"
#: Links that are looked for in one signal; what a camera sends stays far below.
MOST_LINKS: Final = 20
#: Longer ones are no link of a camera, and no index holds them.
LONGEST_LINK_BYTES: Final = 2000
#: Some send several in one field. A comma may also be part of a link: only one with a new link behind it divides.
_BETWEEN: Final = re.compile(r",\s*(?=https?://)", re.IGNORECASE)


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


def links_in(extended: str) -> Sequence[str]:
    """The links in a signal's extended data, as stored, each once and in order.

    One that is too long becomes its beginning and a sign that no link has: it is shown and never followed.
    """
    fields = [content for letter, content in json.loads(extended) if letter == LINK]
    links = [_kept(link.strip()) for content in fields for link in _BETWEEN.split(content)]
    return list(dict.fromkeys(filter(None, links)))[:MOST_LINKS]


def _kept(link: str) -> str:
    data = link.encode()
    if len(data) <= LONGEST_LINK_BYTES:
        return link
    return data[: LONGEST_LINK_BYTES - 3].decode(errors="ignore") + "…"
