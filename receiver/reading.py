"""A frame and its account, read: what is stored of it, and what the panel will be told.

In: a DC-09 frame, the account that its number resolves to, and the time. Out: a `Reading`: one signal for each event
in the frame, and the reply that may be sent once they are committed.

The rule of replies: a sound frame is ACKed, whatever it says. DUH where its sender is not proven although a key
exists or encryption was used; NAK for an encrypted frame outside the time window. Each of them is stored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

import attrs

from receiver.protocols import contact_id, dc09_cipher, dc09_reply, sia_dcs
from receiver.protocols.dc09_frame import Content, Frame, account_in, decode, parse_content, parse_instant
from receiver.protocols.errors import RemoteProtocolError
from station import event_codes
from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport

_LINK_TESTS: Final = frozenset({"NULL", "XNM"})
_KEY_BYTES: Final = 16
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


@attrs.frozen
class Reading:
    """What a frame comes to."""

    signals: list[Signal]
    #: To be sent only after `signals` are committed.
    reply: bytes


@attrs.frozen
class _Event:
    """One event of the payload."""

    kind: Kind
    qualifier: Qualifier = Qualifier.NEW
    code: str | None = None
    area: str | None = None
    zone: str | None = None
    user: str | None = None
    text: str = ""
    old: bool = False


@attrs.frozen
class _Opened:
    """The content, as far as it could be opened, and what that proves."""

    authenticity: Authenticity
    content: Content | None
    payload: bytes


def account_number(frame: Frame) -> str | None:
    """The account that the frame speaks for: the header's, else the one that clear data names."""
    if frame.account or frame.encrypted:
        return frame.account
    return account_in(frame.content)


def read(frame: Frame, account: PanelAccount | None, now: dt.datetime, transport: Transport, peer: str) -> Reading:
    """All that is to be stored and said about a frame. Never refuses one."""
    opened = _open(frame, account, now)
    events = [_Event(Kind.UNREADABLE)] if opened.content is None else _events(frame.token, opened.content)
    if opened.content is None and frame.token in _LINK_TESTS:
        events = [_Event(Kind.LINK_TEST)]
    said, reply = _reply(frame, account, opened.authenticity, now)
    content = opened.content
    payload = decode(opened.payload if content is None else content.data)
    number = (account_number(frame) or "")[:_NUMBER_LIMIT]
    if account is not None:
        number = number.upper()  # as we know it: one account has one number
    signals = [
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
            occurred_at=_occurred_at(content),
            old=event.old,
            payload=payload,
            raw=frame.raw,
            authenticity=opened.authenticity,
            reply=said,
            repeat_key=_repeat_key(frame, number if account is None else account.id, opened, place, event),
        )
        for place, event in enumerate(events)
    ]
    return Reading(signals, reply)


def _open(frame: Frame, account: PanelAccount | None, now: dt.datetime) -> _Opened:
    key = None if account is None else account.key
    if not frame.encrypted:
        proof = Authenticity.UNPROVEN if key is None else Authenticity.CLEAR_TEXT
        return _Opened(proof, parse_content(frame.content), frame.content)
    if account is None or key is None:
        return _Opened(Authenticity.NO_KEY, None, frame.content)
    plain = dc09_cipher.decrypt(key, frame.content)
    if plain is None:
        return _Opened(Authenticity.WRONG_KEY, None, frame.content)
    content = parse_content(plain)
    proof = Authenticity.AUTHENTICATED if _in_window(content, account, now) else Authenticity.OUTSIDE_WINDOW
    return _Opened(proof, content, plain)


def _in_window(content: Content, account: PanelAccount, now: dt.datetime) -> bool:
    if content.sent_at is None:
        return False
    # Whole seconds, as the frame has them: a frame of 40.9 s ago was sent 40 s ago by the panel's clock.
    ahead_s = (content.sent_at - now.replace(microsecond=0)).total_seconds()
    return -account.window_past_s <= ahead_s <= account.window_future_s


def _reply(frame: Frame, account: PanelAccount | None, proof: Authenticity, now: dt.datetime) -> tuple[Reply, bytes]:
    match proof:
        case Authenticity.UNPROVEN | Authenticity.AUTHENTICATED:
            return Reply.ACK, dc09_reply.ack(frame, None if account is None else account.key, now)
        case Authenticity.OUTSIDE_WINDOW:
            return Reply.NAK, dc09_reply.nak(frame, now)
        case Authenticity.CLEAR_TEXT | Authenticity.NO_KEY | Authenticity.WRONG_KEY:
            return Reply.DUH, dc09_reply.duh(frame)


def _events(token: str, content: Content) -> list[_Event]:
    try:
        match token:
            case "SIA-DCS":
                events = [_of_sia(event) for event in sia_dcs.parse(decode(content.data))]
            case "ADM-CID":
                events = [_of_contact_id(contact_id.parse(decode(content.data)))]
            case "NULL" | "XNM":
                return [_Event(Kind.LINK_TEST)]
            case _:
                return [_Event(Kind.UNREADABLE)]
    except RemoteProtocolError:
        return [_Event(Kind.UNREADABLE)]
    alarm_text = " ".join(text for letter, text in content.extended if letter == "I")
    if alarm_text:
        events = [attrs.evolve(event, text=f"{event.text} {alarm_text}".strip()) for event in events]
    return events


def _of_sia(event: sia_dcs.DcsEvent) -> _Event:
    known = event_codes.sia_dcs(event.code)
    return _Event(
        kind=Kind.UNKNOWN_CODE if known is None else known.kind,
        qualifier=Qualifier.NEW if known is None else known.qualifier,
        code=event.code,
        area=event.area,
        zone=event.address,
        user=event.user,
        text=event.text,
        old=event.old,
    )


def _of_contact_id(event: contact_id.ContactIdEvent) -> _Event:
    known = event_codes.contact_id(event.code)
    return _Event(
        kind=Kind.UNKNOWN_CODE if known is None else known.kind,
        qualifier=event_codes.contact_id_qualifier(event.code, event.qualifier),
        code=event.code,
        area=event.area,
        zone=event.zone,
    )


def _occurred_at(content: Content | None) -> dt.datetime | None:
    if content is None:
        return None
    for letter, text in content.extended:
        if letter == "H" and (instant := parse_instant(text)) is not None:
            return instant
    return content.sent_at


def _repeat_key(frame: Frame, account: int | str, opened: _Opened, place: int, event: _Event) -> bytes | None:
    if event.kind is Kind.LINK_TEST:
        return None
    # Whoever says it first without proof must not make a copy of the panel's own report.
    doubtful = b"?" if opened.authenticity.authenticated is False else b""
    who = [str(account).encode(), frame.sequence.encode(), frame.token.encode()]
    said = b"|".join([doubtful, *who, b"%d" % place, opened.payload])
    return hashlib.blake2b(said, digest_size=_KEY_BYTES).digest()
