"""The waiting alarms as plain text: a person must be able to work from it with a telephone and nothing else.

In: alarms, the most urgent first; signals that are not stored yet; the time. Out: lines of text, in English. Nothing
that a panel sent can move the cursor of a terminal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from station import event_codes
from station.languages import Language
from station.priorities import ALARMING, priority
from station.signals import Kind, Qualifier, Signal
from station.store.waiting import ALARMS_SHOWN, Report, WaitingAlarm

_INDENT = "   "


def listing(alarms: Sequence[WaitingAlarm], now: dt.datetime) -> str:
    """All of `alarms`, each with what to know and whom to call."""
    if not alarms:
        return f"No alarm waits. {_clock(now)} UTC\n"
    more = " or more" if len(alarms) >= ALARMS_SHOWN else ""
    lines = [f"{len(alarms)}{more} waiting, the most urgent first. {_clock(now)} UTC", ""]
    for alarm in alarms:
        lines += _lines(alarm, now)
    return _plain(lines)


def unstored(signals: Iterable[Signal]) -> str:
    """Alarms that were read and could not be committed yet; no panel has got an ACK for them."""
    alarms = [s for s in signals if s.kind in ALARMING and s.qualifier is not Qualifier.RESTORE and not s.suppressed]
    alarms.sort(key=lambda signal: (priority(signal.kind), signal.received_at))
    if not alarms:
        return "No alarm has come since that could not be stored.\n"
    lines = [f"{len(alarms)} came and can't be stored yet; no panel has an ACK for them:", ""]
    for signal in alarms[:ALARMS_SHOWN]:
        parts = (signal.event_code, signal.area and f"area {signal.area}", signal.zone and f"zone {signal.zone}")
        what = " ".join(part for part in (*parts, signal.text) if part)
        lines.append(f"{_clock(signal.received_at)}  {_kind(signal.kind)}  account {signal.account}  {what}".rstrip())
    return _plain(lines)


def _lines(alarm: WaitingAlarm, now: dt.datetime) -> list[str]:
    waits = f"since {_clock(alarm.since)}, {_duration(now - alarm.since)}"
    seen = "not seen by the dispatcher" if alarm.incident is None else f"incident {alarm.incident}"
    marks = [_restored(alarm), "NOT AUTHENTICATED" if alarm.authenticated is False else ""]
    whose = alarm.account
    if alarm.kind is not Kind.STATION:  # a matter of the station itself has a name, and no account
        whose = f"account {alarm.account}  {alarm.name or '(no name)'}"
    place = ", ".join(part for part in (alarm.premises, alarm.address, alarm.city, alarm.country) if part)
    return [
        f"{alarm.rank}  {_kind(alarm.kind)}  {whose}",
        _INDENT + "  ".join(part for part in (waits, seen, *marks) if part),
        *([_INDENT + place] if place else []),
        *(f"{_INDENT}call {contact.phone}  {contact.name}, {contact.language.value}" for contact in alarm.contacts),
        *([f"{_INDENT}notes: {alarm.notes}"] if alarm.notes else []),
        *(f"{_INDENT}{_said(report)}" for report in alarm.said),
        *([f"{_INDENT}... {alarm.signals} signals in all"] if alarm.signals > len(alarm.said) else []),
        "",
    ]


def _restored(alarm: WaitingAlarm) -> str:
    return "" if alarm.restored_at is None else f"restored {_clock(alarm.restored_at)}"


def _said(report: Report) -> str:
    known = event_codes.meaning(report.token, report.event_code)
    number = "user" if known is not None and known.argument is event_codes.Argument.USER else "zone"
    parts = (
        report.event_code,
        None if known is None else known.name(Language.EN),
        report.area and f"area {report.area}",
        report.zone and f"{number} {report.zone}",
        report.zone_name if number == "zone" else None,
        report.text and f'"{report.text}"',
    )
    return f"{_clock(report.received_at)}  {' '.join(part for part in parts if part)}".rstrip()


def _kind(kind: Kind) -> str:
    return kind.value.replace("_", " ").upper()


def _clock(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S}"


def _duration(span: dt.timedelta) -> str:
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {seconds} s"


def _plain(lines: Iterable[str]) -> str:
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    return "".join(character if character.isprintable() else " " for character in line)
