"""A frame and its account, read: what is stored of it, and what the panel will be told.

In: a DC-09 frame, the account that its number resolves to, and the time. Out: a `Reading`: one signal for each event
in the frame, and the reply that may be sent once they are committed.

The rule of replies: a sound frame is ACKed, whatever it says. DUH where its sender is not proven although a key
exists or encryption was used; NAK for an encrypted frame outside the time window. Each of them is stored, but for the
link tests of a sender who has nothing to prove or has proved it: they only say that a path lives.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
from typing import Final, NamedTuple

import attrs

from receiver.protocols import contact_id, dc09_cipher, dc09_reply, sia_dcs
from receiver.protocols.dc09_frame import (
    Content,
    Frame,
    account_in,
    decode,
    parse_content,
    parse_instant,
    without_timestamp,
)
from receiver.protocols.errors import RemoteProtocolError
from station import event_codes
from station.signals import DOUBTFUL, Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport

_PROVES_LIFE: Final = frozenset({Authenticity.UNPROVEN, Authenticity.AUTHENTICATED, Authenticity.OUTSIDE_WINDOW})
_LINK_TESTS: Final = frozenset({"NULL", "XNM"})
_KEY_BYTES: Final = 16
#: Extended data that tells of the way and not of the event: network path (G; J in older editions), its address (N).
_WAY: Final = frozenset("GJN")
#: What panels say again and again is short: the code, the area, the zone.
_REMEMBERED_CHARACTERS: Final = 64
_REMEMBERED: Final = 4096
#: The standard allows 16 characters. What is longer stands whole in the raw frame; an index could not hold it.
_NUMBER_LIMIT: Final = 64


@attrs.frozen
class PanelAccount:
    """What a receiver must know of an account."""

    id: int
    #: AES key of 16, 24 or 32 bytes; None if its frames are clear.
    key: bytes | None = attrs.field(repr=False)
    #: DC-09 5.5.1.9: how old, and how far in the future, an encrypted frame may be.
    window_past_s: int
    window_future_s: int
    #: The time window is only watched: what lies outside is marked and ACKed, so that the panel sets no clock by us.
    observe_window: bool = False
    #: A key is being brought into use: what proves nothing is marked and ACKed, so that the panel goes on.
    enrolling: bool = False
    #: Its place in every array by account, as long as the process lives.
    slot: int = 0


class Reading(NamedTuple):
    """What a frame comes to."""

    #: Empty for a link test that only says that its path lives.
    signals: list[Signal]
    proof: Authenticity
    said: Reply
    #: `said` as bytes, to be sent only after `signals` are committed.
    reply: bytes
    #: A sign of life: from an account of ours, and not in doubt.
    alive: bool
    #: The frame's own time; None if it has none, or could not be opened.
    sent_at: dt.datetime | None
    #: The way that it took, as the panel names it (extended data G; J in older editions).
    network_path: str | None


class Event(NamedTuple):
    """One event of the payload."""

    kind: Kind
    qualifier: Qualifier = Qualifier.NEW
    code: str | None = None
    area: str | None = None
    zone: str | None = None
    user: str | None = None
    text: str = ""
    old: bool = False
    #: DC-03 modifiers `ti` and `da`.
    time: str | None = None
    date: str | None = None


class _Opened(NamedTuple):
    """The content, as far as it could be opened, and what that proves."""

    authenticity: Authenticity
    content: Content | None
    payload: bytes
    #: The key that opened it.
    key: bytes | None = None


def account_number(frame: Frame) -> str | None:
    """The account that the frame speaks for: the header's, else the one that clear data names."""
    if frame.account or frame.encrypted:
        return frame.account
    return account_in(frame.content)


def read(
    frame: Frame,
    account: PanelAccount | None,
    now: dt.datetime,
    transport: Transport,
    peer: str,
    *,
    clock_right: bool = True,
) -> Reading:
    """All that is to be stored and said about a frame. Never refuses one.

    `clock_right`: our own clock is known to be right. Otherwise no panel is told the time.
    """
    opened = _open(frame, account, now)
    content, proof = opened.content, opened.authenticity
    said, reply = _reply(frame, account, opened, now, clock_right=clock_right)
    # A key that opened it proves its sender even where the time does not fit; whether it is a recording, supervision
    # tells by the frame's own time.
    alive = account is not None and said is Reply.ACK and proof in _PROVES_LIFE
    signals = []
    if not (alive and frame.token in _LINK_TESTS):
        signals = _signals(frame, account, opened, said, now, transport, peer)
    if content is None:
        return Reading(signals, proof, said, reply, alive, None, None)
    return Reading(signals, proof, said, reply, alive, content.sent_at, _network_path(content))


def _signals(
    frame: Frame,
    account: PanelAccount | None,
    opened: _Opened,
    said: Reply,
    now: dt.datetime,
    transport: Transport,
    peer: str,
) -> list[Signal]:
    content = opened.content
    payload = decode(opened.payload if content is None else content.data)
    number = (account_number(frame) or "")[:_NUMBER_LIMIT]
    if account is not None:
        number = number.upper()  # as we know it: one account has one number
    stem = _repeat_stem(frame, number if account is None else account.id, opened)
    return [
        Signal(
            received_at=now,
            protocol=Protocol.DC09,
            transport=transport,
            peer=peer,
            account_id=None if account is None else account.id,
            account=number,
            receiver=frame.receiver,
            prefix=frame.prefix,
            sequence=frame.sequence,
            token=frame.token,
            kind=event.kind,
            qualifier=event.qualifier,
            event_code=event.code,
            area=event.area,
            zone=event.zone,
            user=event.user,
            text=event.text,
            extended=content.extended if content else (),
            occurred_at=_occurred_at(event, content, now),
            old=event.old,
            payload=payload,
            raw=frame.raw,
            authenticity=opened.authenticity,
            reply=said,
            repeat_key=None if event.kind is Kind.LINK_TEST else digest(b"%b|%d" % (stem, place)),
        )
        for place, event in enumerate(_events(frame.token, content, payload))
    ]


def _open(frame: Frame, account: PanelAccount | None, now: dt.datetime) -> _Opened:
    key = None if account is None else account.key
    if not frame.encrypted:
        proof = Authenticity.UNPROVEN if key is None else Authenticity.CLEAR_TEXT
        return _Opened(proof, parse_content(frame.content), frame.content)
    if account is None or key is None:
        return _Opened(Authenticity.NO_KEY, None, frame.content)
    plain = dc09_cipher.decrypt(key, frame.content)
    if plain is None and (other := dc09_cipher.other_reading(key)) is not None:
        key, plain = other, dc09_cipher.decrypt(other, frame.content)
    if plain is None:
        return _Opened(Authenticity.WRONG_KEY, None, frame.content)
    content = parse_content(plain)
    proof = Authenticity.AUTHENTICATED if _in_window(content, account, now) else Authenticity.OUTSIDE_WINDOW
    return _Opened(proof, content, plain, key)


def _in_window(content: Content, account: PanelAccount, now: dt.datetime) -> bool:
    if content.sent_at is None:
        return False
    # Whole seconds, as the frame has them: a frame of 40.9 s ago was sent 40 s ago by the panel's clock.
    ahead_s = (content.sent_at - now.replace(microsecond=0)).total_seconds()
    return -account.window_past_s <= ahead_s <= account.window_future_s


def _reply(
    frame: Frame, account: PanelAccount | None, opened: _Opened, now: dt.datetime, *, clock_right: bool
) -> tuple[Reply, bytes]:
    match opened.authenticity:
        case Authenticity.UNPROVEN | Authenticity.AUTHENTICATED:
            return Reply.ACK, dc09_reply.ack(frame, opened.key, now)
        case Authenticity.OUTSIDE_WINDOW:
            if clock_right and not (account is not None and account.observe_window):
                return Reply.NAK, dc09_reply.nak(frame, now)
            return Reply.ACK, dc09_reply.ack(frame, opened.key, now)
        case Authenticity.CLEAR_TEXT | Authenticity.NO_KEY | Authenticity.WRONG_KEY:
            if account is not None and account.enrolling:
                return Reply.ACK, dc09_reply.ack(frame, opened.key, now)
            return Reply.DUH, dc09_reply.duh(frame)


def _network_path(content: Content) -> str | None:
    for letter, text in content.extended:
        if _names_the_way(letter, text) and letter != "N":
            return text
    return None


def _names_the_way(letter: str, text: str) -> bool:
    # A longer J is the JSON of newer editions.
    return letter in _WAY and (letter != "J" or len(text) == 1)


def _events(token: str, content: Content | None, payload: str) -> tuple[Event, ...]:
    if token in _LINK_TESTS:
        return (Event(Kind.LINK_TEST),)
    if content is None:
        return (Event(Kind.UNREADABLE),)
    # The account says nothing about the event, and without it the same few texts come from every panel.
    message = "#" + payload[max(payload.find("|"), 1) :] if payload.startswith("#") else payload
    events = (_remembered if len(message) <= _REMEMBERED_CHARACTERS else told)(token, message)
    alarm_text = " ".join(text for letter, text in content.extended if letter == "I") if content.extended else ""
    if alarm_text:
        return tuple(event._replace(text=f"{event.text} {alarm_text}".strip()) for event in events)
    return events


def told(token: str, data: str) -> tuple[Event, ...]:
    """The events in the data group of a frame with this identifier, account and all; at least one."""
    try:
        match token:
            case "SIA-DCS":
                return tuple(_of_sia(event) for event in sia_dcs.parse(data))
            case "ADM-CID":
                return (_of_contact_id(contact_id.parse(data)),)
            case _:
                pass
    except RemoteProtocolError:
        pass  # stored as what it is: something that a person must read
    return (Event(Kind.UNREADABLE),)


_remembered: Final = functools.lru_cache(_REMEMBERED)(told)


def _of_sia(event: sia_dcs.DcsEvent) -> Event:
    code, address, area, user, text, old, time, date = event
    known = event_codes.sia_dcs(code)
    if known is None:
        return Event(Kind.UNKNOWN_CODE, Qualifier.NEW, code, area, address, user, text, old, time, date)
    return Event(known.kind, known.qualifier, code, area, address, user, text, old, time, date)


def _of_contact_id(event: contact_id.ContactIdEvent) -> Event:
    known = event_codes.contact_id(event.code)
    return Event(
        kind=Kind.UNKNOWN_CODE if known is None else known.kind,
        qualifier=event_codes.contact_id_qualifier(event.code, event.qualifier),
        code=event.code,
        area=event.area,
        zone=event.zone,
    )


def _occurred_at(event: Event, content: Content | None, now: dt.datetime) -> dt.datetime | None:
    if content is None:
        return None
    # Of a live event `ti` only repeats, in the panel's own zone, what the frame says.
    if event.old and event.time is not None:
        own = sia_dcs.happened_at(event.time, event.date, content.sent_at or now)
        if own is not None:
            return own
    for letter, text in content.extended:
        if letter == "H" and (instant := parse_instant(text)) is not None:
            return instant
    return content.sent_at


def _repeat_stem(frame: Frame, account: int | str, opened: _Opened) -> bytes:
    """What two copies of one frame have in common, whichever way each of them took."""
    # Whoever says it first without proof must not make a copy of the panel's own report.
    doubt = opened.authenticity.value if opened.authenticity in DOUBTFUL else ""
    said, content = opened.payload, opened.content
    if content is not None:
        if frame.encrypted:
            # A panel that was told the time sends again with another. Of clear frames only the time tells two apart.
            said = without_timestamp(said)
        for letter, text in content.extended:
            if _names_the_way(letter, text):
                said = said.replace(f"][{letter}{text}".encode(), b"", 1)
    return f"{doubt}|{account}|{frame.sequence}|{frame.token}|".encode() + said


def digest(said: bytes) -> bytes:
    """The key that copies of what was said have in common."""
    return hashlib.blake2b(said, digest_size=_KEY_BYTES).digest()
