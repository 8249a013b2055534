"""The results of a battery, for a terminal and for another program. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Final

from simulators.conformance.judging import Verdict, came, printable, should_have_come
from simulators.conformance.play import Result

_NARROWEST: Final = 20


def table(results: Sequence[Result], columns: int) -> str:
    """Verdict, case, sent, came back, should have come: cut to `columns`; and the sums."""
    rows = [("", "case", "sent", "came back", "should have come")]
    for result in results:
        case = result.case
        sent = " ".join(printable(turn) for turn in result.sent) or case.untried
        came_back = "" if result.verdict is Verdict.NOT_TRIED else came(result.heard)
        rows.append((result.verdict.value, f"{case.subject}: {case.name}", sent, came_back, should_have_come(case)))
    widths = [len(Verdict.ALLOWED.value), max(len(row[1]) for row in rows)]
    widths += [max(_NARROWEST, (columns - sum(widths) - 8) // 3)] * 3
    lines = ["  ".join(_cut(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", sums(results)])


def sums(results: Sequence[Result]) -> str:
    """How many cases went which way, in one line."""
    count = Counter(result.verdict for result in results)
    return ", ".join(f"{count[verdict]} {verdict.value}" for verdict in Verdict) + f"; {len(results)} cases"


def as_json(results: Sequence[Result]) -> str:
    """All of it, one object a case, uncut."""
    rows = [
        {
            "subject": result.case.subject,
            "case": result.case.name,
            "basis": result.case.basis.value,
            "source": result.case.source,
            "account": result.case.account,
            "sent": [turn.hex() for turn in result.sent],
            "came": [turn.hex() for turn in result.heard.turns],
            "came_back": came(result.heard),
            "should_have_come": should_have_come(result.case),
            "allowed": [other.because for other in result.case.allowed],
            "verdict": result.verdict.value,
            "untried": result.case.untried,
        }
        for result in results
    ]
    return json.dumps(rows, indent=1)


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"
