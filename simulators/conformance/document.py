"""Results of several receivers side by side, as the last section of a Markdown page.

    python -m simulators.conformance.document docs/conformance.md "Sereno=ours.json" "pysiaalarm 3.2.2=pysia.json"

In: what `sereno conformance --json` printed for each. Out: the page, with all after its line `## Results` written anew.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from simulators.conformance.judging import Verdict

_HEADING: Final = "## Results\n"
_REPLY_LIMIT: Final = 60
_STAMP: Final = re.compile(r"_\d\d:\d\d:\d\d,\d\d-\d\d-\d{4}")
_SEALED: Final = re.compile(r"\[[0-9A-F]{32,}")

Row = Mapping[str, str]


def results(receivers: Mapping[str, Sequence[Row]]) -> str:
    """The section: sums a receiver, then a table a subject."""
    first = next(iter(receivers.values()))
    lines = [
        "",
        "| receiver | " + " | ".join(verdict.value for verdict in Verdict) + " | cases |",
        "|---|" + "---|" * 5,
    ]
    for name, rows in receivers.items():
        count = Counter(row["verdict"] for row in rows)
        lines.append(
            f"| {name} | " + " | ".join(str(count[verdict.value]) for verdict in Verdict) + f" | {len(rows)} |"
        )
    for subject in dict.fromkeys(row["subject"] for row in first):
        lines += ["", f"### {subject.capitalize()}", ""]
        lines += ["| case | asked by | " + " | ".join(receivers) + " |", "|---|---|" + "---|" * len(receivers)]
        for place, row in enumerate(first):
            if row["subject"] == subject:
                cells = [_cell(rows[place]) for rows in receivers.values()]
                lines.append(f"| {_escaped(row['case'])} | {row['basis']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(row: Row) -> str:
    """The verdict; where it is not right, what came."""
    if row["verdict"] in {Verdict.RIGHT.value, Verdict.NOT_TRIED.value}:
        return row["verdict"]
    # What differs from run to run says nothing.
    came = _SEALED.sub("[sealed", _STAMP.sub("_time", row["came_back"]))
    shown = came if len(came) <= _REPLY_LIMIT else came[: _REPLY_LIMIT - 1] + "…"
    return f"{row['verdict']}: `{_escaped(shown)}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def main() -> None:
    """As the module's docstring tells."""
    page = pathlib.Path(sys.argv[1])
    receivers = {}
    for word in sys.argv[2:]:
        name, _, file = word.rpartition("=")
        receivers[name] = json.loads(pathlib.Path(file).read_text(encoding="utf-8"))
    before, _, _ = page.read_text(encoding="utf-8").partition(_HEADING)
    page.write_text(before + _HEADING + results(receivers), encoding="utf-8")


if __name__ == "__main__":
    main()
