"""What was measured, as a page of Markdown. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from benchmarks.machine import Machine


@attrs.frozen(kw_only=True)
class Line:
    """One row of the table: medians of rounds. Seconds; `rate` a second; `generator_share` of one core."""

    what: str
    p50_s: float
    p99_s: float
    rate: float | None = None
    generator_share: float | None = None
    measured: str


def as_markdown(machine: Machine, lines: Sequence[Line]) -> str:
    """The machine and the table."""
    return "\n".join(
        [
            "# Measured",
            "",
            "`python -m benchmarks` writes this page. Panels, station and PostgreSQL share one machine and speak over",
            "the loopback; every signal is committed to disk before its ACK. Figures are medians of rounds.",
            "",
            f"- {machine.measured_at:%Y-%m-%d %H:%M} UTC, {machine.processor}, {machine.cores} cores, "
            f"{machine.memory_bytes / 2**30:.0f} GiB, {machine.system}, Python {machine.python}",
            f"- the disk commits an 8 KiB write in {1e6 * machine.commit_s:.0f} µs; "
            f"load average before: {machine.load:.1f}",
            "",
            "| what | a second | p50 | p99 | generator's share of a core | measured |",
            "|---|---:|---:|---:|---:|---|",
            *(_row(line) for line in lines),
            "",
        ]
    )


def _row(line: Line) -> str:
    cells = [
        line.what,
        "" if line.rate is None else f"{line.rate:,.0f}",
        _milliseconds(line.p50_s),
        _milliseconds(line.p99_s),
        "" if line.generator_share is None else f"{line.generator_share:.0%}",
        line.measured,
    ]
    return f"| {' | '.join(cells)} |"


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:,.1f} ms"
