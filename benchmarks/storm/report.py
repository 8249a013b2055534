"""What the day was like, in words, percentiles and a picture. Pure.

In: what was seen. Out: text, and an SVG of the queue's length over the day.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from benchmarks.storm.day import Seen

#: EN 50518: 80 % and 98.5 % within so many seconds. Conditions have no limit there; ours is half an hour.
LIMITS: Final = {"life-safety": (30.0, 60.0), "alarms": (90.0, 180.0), "conditions": (1800.0, 3600.0)}
_COLOURS: Final = {1: "#c1121f", 2: "#e36414", 3: "#f2a65a", 4: "#8d99ae", 5: "#ced4da"}
_BARS: Final = " ▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _LEFT, _FOOT = 960, 320, 50, 30


def as_text(seen: Seen, sites: int, operators: int, took_s: float) -> str:
    """The day in a page."""
    lines = [
        f"A day of storm: {sites:,} sites, {operators} operators, {seen.signals:,} signals, "
        f"{seen.incidents:,} incidents, {seen.closed:,} closed, {seen.messages:,} messages; "
        f"lived through in {took_s:.0f} s",
        "",
        "| class | incidents taken | 80 % within | limit | 98.5 % within | limit | |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for name, (most, nearly_all) in LIMITS.items():
        waits = seen.waits.get(name, [])
        if waits:
            at_80, at_98 = _at(waits, 80), _at(waits, 98.5)
            kept = "kept" if at_80 <= most and at_98 <= nearly_all else "NOT KEPT"
            cells = (name, f"{len(waits):,}", *(f"{s:.0f} s" for s in (at_80, most, at_98, nearly_all)), kept)
            lines.append(f"| {' | '.join(cells)} |")
    peak = max((sum(counts.values()) for _, counts in seen.queue), default=0)
    lines += [
        "",
        f"Queue over the day, at most {peak}: {_sparkline([sum(counts.values()) for _, counts in seen.queue])}",
        f"Mass outages: {seen.outages}, which gathered {seen.members} incidents; {seen.outages_open} still open.",
        f"Open incidents that nobody will look at again: {seen.open_without_due}. "
        f"Messages sent twice: {seen.sent_twice}.",
        f"Replayed: {seen.replayed:,} incidents, {len(seen.replayed_differently) or 'none'} of them differently.",
    ]
    return "\n".join(lines)


def _at(ascending: Sequence[float], percent: float) -> float:
    return ascending[max(0, math.ceil(len(ascending) * percent / 100) - 1)]


def _sparkline(values: Sequence[int]) -> str:
    most = max(values, default=0) or 1
    return "".join(_BARS[round(value / most * (len(_BARS) - 1))] for value in values)


def as_svg(seen: Seen) -> str:
    """The queue by priority, stacked, over the hours of the day."""
    most = max((sum(counts.values()) for _, counts in seen.queue), default=1) or 1
    width, height = _WIDTH - _LEFT, _HEIGHT - _FOOT
    step = width / max(len(seen.queue), 1)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        'font-family="sans-serif" font-size="11">',
        "<title>Incidents waiting for an operator, over a day of storm, by priority</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for place, (_, counts) in enumerate(seen.queue):
        foot = float(height)
        for priority in sorted(_COLOURS):
            tall = counts.get(priority, 0) / most * (height - 10)
            if tall:
                foot -= tall
                parts.append(
                    f'<rect x="{_LEFT + place * step:.1f}" y="{foot:.1f}" width="{step:.1f}" height="{tall:.1f}" '
                    f'fill="{_COLOURS[priority]}"/>'
                )
    for hour in range(0, 24, 3):
        left = f"{_LEFT + hour / 24 * width:.0f}"
        parts.append(f'<text x="{left}" y="{_HEIGHT - 10}">{hour:02}:00</text>')
    parts.append(f'<text x="4" y="14">{most}</text><text x="4" y="{height}">0</text>')
    for place, (priority, colour) in enumerate(_COLOURS.items()):
        x = _LEFT + 20 + place * 90
        parts.append(f'<rect x="{x}" y="6" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{x + 14}" y="15">priority {priority}</text>')
    return "\n".join([*parts, "</svg>", ""])
