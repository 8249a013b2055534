"""What stands around every page of somebody signed on: who it is, the counts, and what the scripts must say.

In: the request and a snapshot. Out: values for the template `frame.html`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from operators_ui.console import Console, OperatorRequest
from operators_ui.live import Snapshot
from operators_ui.pages import Pages
from operators_ui.stream import section
from operators_ui.words import msgid


def frame(request: OperatorRequest, console: Console, snapshot: Snapshot) -> dict[str, object]:
    """Values that every page of an operator needs."""
    operator = request.user.operator
    pages = console.pages[operator.language]
    return {
        "operator": operator,
        "csrf": request.user.csrf,
        "restored": section(pages, "restored", snapshot, operator),
        "counts": section(pages, "counts", snapshot, operator),
        "path": request.url.path,
        "now": console.screen.now,
        "zone_minutes": round((console.screen.now.astimezone().utcoffset() or dt.timedelta()).total_seconds() / 60),
        "texts": said_by_scripts(pages),
    }


def said_by_scripts(pages: Pages) -> Mapping[str, str]:
    """What the browser's scripts say, in the operator's language."""
    text = pages.text
    return {
        "lost": text(msgid("NO LIVE DATA. The console does not answer. What you see is old. Trying again.")),
        "store": text(msgid("NO LIVE DATA. The station's database does not answer. What you see is old.")),
        "live": text(msgid("live")),
        "lostTitle": text(msgid("NO LIVE DATA")),
        "back": text(msgid("Live data is back.")),
        "notSent": text(msgid("Not sent: the console does not answer. What you typed is still here; try again.")),
        "newAlarm": text(msgid("New alarm:")),
        "newSignals": text(msgid("New signals came in. Read them before you close.")),
        "waiting": text(msgid("waiting")),
        "leaseLost": text(msgid("You no longer hold this incident. Nothing you write here is recorded.")),
        "leaseUnsure": text(msgid("Your hold on this incident could not be renewed. It may go back to the queue.")),
        "silenced": text(msgid("Silenced until a new alarm comes.")),
        "queueEmpty": text(msgid("Nothing is waiting.")),
    }
