"""What a receiver relays, as signals.

In: a transmission, the link that it came by, and where accounts are found. Out: one signal for each event. Each report
is read as the DC-09 frame that would say the same, so that a code means the same whichever way it came. What can't be
read is stored, acknowledged, and reaches a person.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Final, Protocol

import attrs

from receiver.automation.settings import LinkSettings
from receiver.protocols.dc09_frame import Frame, decode
from receiver.protocols.dc09_framing import CrcForm
from receiver.protocols.relayed import Report, Transmission
from receiver.reading import PanelAccount, read
from station.signals import Kind, Qualifier, Reply, Signal, Transport

_KEY_BYTES: Final = 16
#: What is certain of pulse formats; what their other letters mean was agreed between the panel and its installer.
_PULSE: Final[Mapping[str, tuple[Kind, Qualifier]]] = {"C": (Kind.OPEN_CLOSE, Qualifier.CLOSING)}


class Accounts(Protocol):
    """Where accounts are found."""

    def find(self, number: str, receiver: str | None, prefix: str | None) -> PanelAccount | None:
        """The account that answers to these."""


def signals_of(said: Transmission, link: LinkSettings, accounts: Accounts, now: dt.datetime, peer: str) -> list[Signal]:
    """All that is to be stored of a transmission: at least one signal."""
    return [
        signal
        for place, report in enumerate(said.reports)
        for signal in _signals(said, report, place, link, accounts, now, peer)
    ]


def _signals(
    said: Transmission,
    report: Report,
    place: int,
    link: LinkSettings,
    accounts: Accounts,
    now: dt.datetime,
    peer: str,
) -> list[Signal]:
    receiver = link.receiver or report.receiver or None
    account = accounts.find(report.account, receiver, link.prefix) if report.account else None
    frame = Frame(
        raw=said.raw,
        crc_form=CrcForm.HEX,
        encrypted=False,
        token=report.form,
        header=b"",
        sequence=report.sequence,
        receiver=receiver,
        prefix=link.prefix,
        account=report.account,
        content=report.data,
    )
    return [
        attrs.evolve(
            _with_fields(signal, report),
            protocol=link.protocol,
            payload=decode(said.raw),
            # Whatever its panel could not prove, the receiver has taken it over, and would only say it again.
            reply=Reply.ACK,
            repeat_key=_repeat_key(link, place, signal),
        )
        for signal in read(frame, account, now, Transport.TCP, peer).signals
    ]


def _with_fields(signal: Signal, report: Report) -> Signal:
    """The signal, with the code of a format that has no table."""
    if report.code is None:
        return signal
    kind, qualifier = Kind.UNKNOWN_CODE, Qualifier.NEW
    if report.form == "SIA-PUL":
        kind, qualifier = _PULSE.get(report.code, (kind, qualifier))
    return attrs.evolve(
        signal, kind=kind, qualifier=qualifier, event_code=report.code, area=report.area, zone=report.zone
    )


def _repeat_key(link: LinkSettings, place: int, signal: Signal) -> bytes | None:
    if signal.repeat_key is None:
        return None
    said = f"{link.protocol.value}|{link.name}|{place}|".encode() + signal.repeat_key
    return hashlib.blake2b(said, digest_size=_KEY_BYTES).digest()
