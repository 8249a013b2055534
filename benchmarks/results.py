"""What was measured, as a page of Markdown. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from benchmarks.machine import Machine


@attrs.frozen(kw_only=True)
class Line:
    """One figure: medians of rounds. Seconds; shares are of one core; what was not measured is None."""

    what: str
    found: str
    reach: str = ""
    p50_s: float | None = None
    p99_s: float | None = None
    generator_share: float | None = None
    receiver_share: float | None = None
    #: The machine at that time: messages a second through a C server that echoes, and a commit of the disk.
    echo_rate: float | None = None
    commit_s: float | None = None
    rounds: int | None = None


@attrs.frozen(kw_only=True)
class Side:
    """Ours and its peers, in alternating rounds: rates a second, and ours against each of theirs."""

    what: str
    ours: float
    #: By the names of `PEERS`; a text says why there is none.
    peers: Mapping[str, tuple[float, float] | str]


#: Columns of the second table.
PEERS = ("twin", "store off", "pysiaalarm")


def as_markdown(machine: Machine, lines: Sequence[Line], sides: Sequence[Side]) -> str:
    """The machine and the tables."""
    return "\n".join(
        [
            "# Measured",
            "",
            "`make bench` writes this page. Panels, receiver and PostgreSQL share one machine and speak over the",
            "loopback; every signal is committed to disk (fsync on) before its ACK; each connection has one message in",
            "flight. Figures are medians of alternating rounds. Before each round the machine itself is measured:",
            "`echo` is what the same load generator gets from a C server that only echoes, `commit` what the disk",
            "takes for 8 KiB. CPU is that of the load generator and of the receiver, of one core each.",
            "",
            f"- {machine.measured_at:%Y-%m-%d %H:%M} UTC, {machine.processor}, {machine.cores} cores, "
            f"{machine.memory_bytes / 2**30:.0f} GiB, {machine.system}",
            f"- Python {machine.python}, PostgreSQL {machine.postgresql}; the disk commits an 8 KiB write in "
            f"{1e6 * machine.commit_s:.0f} µs; load average before: {machine.load:.1f}",
            "",
            "| figure | measured | to reach | p50 | p99 | CPU generator | CPU receiver | echo | commit | rounds |",
            "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
            *(_row(line) for line in lines),
            "",
            *(_beside(sides) if sides else ()),
        ]
    )


def _beside(sides: Sequence[Side]) -> list[str]:
    peers = [cell for peer in PEERS for cell in (peer, f"ours / {peer}")]
    return [
        "Side by side, a second, persistent connections. `twin` does the same work on asyncio, uvloop and asyncpg;",
        "`store off` is our own process without its COPY; pysiaalarm stores nothing. Ratios are medians of ratios",
        "within a round.",
        "",
        f"| | ours | {' | '.join(peers)} |",
        f"|---|---:{'|---:' * len(peers)}|",
        *(_side(side) for side in sides),
        "",
    ]


def _row(line: Line) -> str:
    cells = [
        line.what,
        line.found,
        line.reach,
        _milliseconds(line.p50_s),
        _milliseconds(line.p99_s),
        _share(line.generator_share),
        _share(line.receiver_share),
        "" if line.echo_rate is None else f"{line.echo_rate:,.0f}",
        "" if line.commit_s is None else f"{1e6 * line.commit_s:,.0f} µs",
        "" if line.rounds is None else str(line.rounds),
    ]
    return f"| {' | '.join(cells)} |"


def _side(side: Side) -> str:
    cells = [side.what, f"{side.ours:,.0f}"]
    for peer in PEERS:
        match side.peers[peer]:
            case str(why):
                cells += [why, ""]
            case (rate, ratio):
                cells += [f"{rate:,.0f}", f"{ratio:.2f}"]
    return f"| {' | '.join(cells)} |"


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{1000 * seconds:,.1f} ms"


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
