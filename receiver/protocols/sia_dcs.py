"""SIA DC-03 blocks, as the data group of a SIA-DCS frame carries them.

    group    block { "|" block }          #acct, N.. or O.. packets, A text, others
    packets  packet { ["/"] packet }      new events (N) or stored ones reported late (O)
    packet   modifier | event             ri1 (area), id7 (user) ...; BA003^Front door^

In: the data group. Out: its events, in order. Modifiers hold for the events that follow them in the block. Real
panels leave out the slash after a modifier, the `#` before the account and the `N`; addresses stay text, since some
write them in decimal and some in hexadecimal.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import attrs

from receiver.protocols.errors import RemoteProtocolError

# `^text^`, and the older *'text'NM and *"text"NM, of the 256 characters that DC-09 allows a text: a search for an end
# that never comes must not start over from each beginning.
_TEXT: Final = re.compile(r"\^([^^]*)\^?|\*'(.{0,256}?)'(?:NM|(?=/|\Z))|\*\"(.{0,256}?)\"(?:NM|(?=/|\Z))", re.DOTALL)
_MODIFIER: Final = re.compile(r"(ti|da|id|ri|pi|ai|ph|lv|va|pt|rg|ss)([0-9A-Fa-f:.,\- ]*)")
# `ri1BA503`: a decimal value and, without a slash, the event.
_JOINED: Final = re.compile(r"(ti|da|id|ri|pi|ai|ph|lv|va|pt|rg|ss)([0-9:.,\-]*)(?=[A-Z]{2}(?:[0-9]|/|\^|\*|\Z))")
_EVENT: Final = re.compile(r"([A-Z][A-Z_])([0-9A-Za-z]*)(?=/|\^|\*|\Z)")
_VALUE: Final = re.compile(r"\*[^/^]*")
_FOREIGN: Final = re.compile(r"[^/^]+")
_ACCOUNT: Final = re.compile(r"#|[0-9A-Za-z]{1,16}\Z")
_TIME: Final = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d))?")
_DATE: Final = re.compile(r"(\d\d)-(\d\d)-(?:20)?(\d\d)")

# One new event and nothing unusual, as nine of ten reports are: read at once, or the rest of this module would be half
# of what a frame costs.
_USUAL: Final = re.compile(r"#[0-9A-Za-z]{0,16}\|N(?:ri([0-9]{1,4})/)?([A-Z]{2})([0-9]{0,8})(?:\^([^^|]+)\^)?\Z")

#: More in one frame is no report of a burglary but an attack on whoever must store it.
EVENT_LIMIT: Final = 64


class DcsEvent(NamedTuple):
    """One event, all fields as sent; None where the block does not say."""

    code: str
    address: str | None
    area: str | None
    user: str | None
    text: str
    old: bool
    #: Modifiers `ti` and `da`.
    time: str | None = None
    date: str | None = None


@attrs.define
class _Block:
    """What has been read of one N or O block so far."""

    old: bool
    area: str | None = None
    user: str | None = None
    time: str | None = None
    date: str | None = None
    #: Text of the last area modifier: it names what the following events belong to.
    area_text: str = ""
    after_area: bool = False
    events: list[DcsEvent] = attrs.Factory(list)

    def modify(self, name: str, value: str) -> None:
        self.after_area = name == "ri"
        match name:
            case "ri":
                self.area, self.area_text = value, ""
            case "id":
                self.user = value
            case "ti":
                self.time = value
            case "da":
                self.date = value
            case _:
                pass  # kept in the payload, for a person to read

    def add(self, code: str, address: str) -> None:
        self.after_area = False
        if len(self.events) == EVENT_LIMIT:
            raise RemoteProtocolError(f"more than {EVENT_LIMIT} events in one block")
        self.events.append(
            DcsEvent(code, address or None, self.area, self.user, self.area_text, self.old, self.time, self.date)
        )

    def add_text(self, text: str) -> None:
        if self.events and not self.after_area:
            last = self.events[-1]
            self.events[-1] = last._replace(text=f"{last.text} {text}" if last.text else text)
        elif self.after_area:
            self.area_text = text


def parse(data: str) -> list[DcsEvent]:
    """The events of a data group; at least one, and at most `EVENT_LIMIT` in a block.

    Raises:
        RemoteProtocolError: there is none to be found, or there are too many.
    """
    if usual := _USUAL.match(data):
        area, code, address, text = usual.groups()
        return [DcsEvent(code, address or None, area, None, text or "", False)]
    return _read(data)


def _read(data: str) -> list[DcsEvent]:
    events: list[DcsEvent] = []
    for place, block in enumerate(_blocks(data)):
        match block[:1]:
            case "N" | "O" as age if not (place == 0 and _ACCOUNT.match(block) and "|" in data):
                # Without its N a block begins with the code itself: OP is no old event P.
                marked = _begins_packet(block[1:])
                events += _packets(block[1:] if marked else block, old=marked and age == "O")
            case "A" if events and not _EVENT.match(block):
                events[-1] = events[-1]._replace(text=f"{events[-1].text} {block[1:]}".strip())
            case _ if not events and place > 0 and _begins_packet(block):
                events += _packets(block, old=False)
            case _:
                pass  # account, link control, commands, video: kept in the payload, for a person to read
    if not 0 < len(events) <= EVENT_LIMIT:
        raise RemoteProtocolError("no SIA event in the data, or too many")
    return events


def happened_at(time: str, date: str | None, before: dt.datetime) -> dt.datetime | None:
    """The instant that `ti` (hh:mm or hh:mm:ss) and `da` (MM-DD-YY) name, in the zone of `before`.

    Without `da` it is the latest such time that is not after `before`. None if there is no such time.
    """
    clock = _TIME.fullmatch(time)
    if clock is None:
        return None
    hour, minute, second = (int(digits or 0) for digits in clock.groups())
    try:
        if date is None:
            today = before.replace(hour=hour, minute=minute, second=second, microsecond=0)
            return today if today <= before else today - dt.timedelta(days=1)
        if (day := _DATE.fullmatch(date)) is None:
            return None
        month, day_of_month, year = (int(digits) for digits in day.groups())
        return dt.datetime(2000 + year, month, day_of_month, hour, minute, second, tzinfo=before.tzinfo)
    except (ValueError, OverflowError):
        return None


def _blocks(data: str) -> Iterator[str]:
    """The blocks between bars; a bar inside a text separates nothing."""
    start = 0
    for bar in re.finditer(r"\^[^^]*\^|\|", data):
        if bar.group() == "|":
            yield data[start : bar.start()]
            start = bar.end()
    yield data[start:]


def _begins_packet(text: str) -> bool:
    return bool(_MODIFIER.match(text) or _EVENT.match(text) or _EVENT.match(text[:2]))


def _packets(text: str, *, old: bool) -> list[DcsEvent]:
    block = _Block(old=old)
    at = 0
    while at < len(text):
        at = _packet(block, text, at)
    return block.events


def _packet(block: _Block, text: str, at: int) -> int:
    """Read what stands at `at` into the block; where the next one begins."""
    if text[at] == "/":
        return at + 1
    if found := _TEXT.match(text, at):
        block.add_text(next(group for group in found.groups() if group is not None))
        return found.end()
    if (found := _JOINED.match(text, at)) or (found := _MODIFIER.match(text, at)):
        block.modify(found[1], found[2])
        return found.end()
    if found := _EVENT.match(text, at):
        block.add(found[1], found[2])
        return found.end()
    if text[at] == "A" and block.events:
        # Some panels send the text block after a slash: what follows is no code any more.
        block.after_area = False
        block.add_text(text[at + 1 :])
        return len(text)
    found = _VALUE.match(text, at) or _FOREIGN.match(text, at)
    return found.end() if found else at + 1
