"""What the station itself reports: lost paths, late tests, runaway panels, late closings, its own faults.

In: what was found. Out: a `Signal` like any other, so it is stored, followed and handled like any other. A matter of
the station itself has no account; the account's text then names the matter, and one open incident stands for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Final

from station.signals import Authenticity, Kind, Protocol, Qualifier, Reply, Signal, Transport

_KEY_BYTES: Final = 16


def own_signal(
    now: dt.datetime,
    kind: Kind,
    qualifier: Qualifier,
    *,
    account: str,
    account_id: int | None,
    text: str,
    occasion: str,
    point: str | None = None,
    event_code: str | None = None,
    area: str | None = None,
) -> Signal:
    """A signal without a wire.

    Args:
        account: the account's number, or the name of a matter of the station itself.
        text: what an operator reads, in English.
        occasion: tells this occurrence from the next one of the same matter; receivers that find the same thing give
            the same one, so the second report is a repeat.
        event_code: of DC-03, where what is found is what a panel would report by it.
        point: what of the account it is about, such as the number of a path; a restore with the same point ends it.
    """
    said = "|".join((kind.value, qualifier.value, account, point or "", occasion))
    return Signal(
        received_at=now,
        protocol=Protocol.OWN,
        transport=Transport.INSIDE,
        peer="",
        account_id=account_id,
        account=account,
        receiver=None,
        prefix=None,
        sequence="",
        token="",
        kind=kind,
        qualifier=qualifier,
        event_code=event_code,
        area=area,
        zone=point,
        user=None,
        text=text,
        extended=(),
        occurred_at=None,
        old=False,
        payload=text,
        raw=said.encode(),
        authenticity=Authenticity.UNPROVEN,
        reply=Reply.ACK,
        repeat_key=hashlib.blake2b(b"own|" + said.encode(), digest_size=_KEY_BYTES).digest(),
    )
