"""Messages leave the building: claimed, sent once, and what became of them told to their incidents.

In: rows of the outbox, and a provider. Out: each row where its message stands. The claim is committed before the
provider is called: whoever dies between the two leaves a message of which the provider is asked, and if he can't know,
it is `unknown` and a person is told; nothing is sent twice.
"""

from __future__ import annotations

from typing import Final, Protocol

import attrs
import structlog
import trio

from dispatcher.sharding import Held
from station.plan_events import EffectState
from station.store import effects
from station.store.database import Database
from station.store.effects import Message, Recipient
from station.store.restored import effects_released
from station.store.shards import SHARDS

log = structlog.get_logger()

CLAIM_S: Final = 30.0
_AT_ONCE: Final = 50
_TRIES: Final = 4
_BACK_OFF_S: Final = 10.0
NO_PROVIDER: Final = "no provider"
NOBODY: Final = "the recipient is not there any more"
TOO_OFTEN: Final = "the provider could not be reached"
CAN_NOT_KNOW: Final = "the sender died, and the provider can't say whether it was sent"


class NotTaken(Exception):
    """The provider refuses it: the text says why, and it is not tried again."""


class Away(Exception):
    """The provider is not there just now: nothing was sent."""


class MayBeSent(Exception):
    """The provider was told, and nobody knows whether he heard it."""


@attrs.frozen
class Taken:
    """The provider has taken it over, under a name of his own."""

    reference: str
    state: EffectState = EffectState.ACCEPTED


class Provider(Protocol):
    """Who carries messages."""

    async def send(self, message: Message, recipient: Recipient) -> Taken:
        """Carry it, once, under `message.id`.

        Raises:
            NotTaken: he refuses it.
            Away: he is not there.
            MayBeSent: nobody knows.
        """

    async def ask(self, message: Message) -> EffectState | None:
        """What became of it. `QUEUED`: he never heard of it. None: he can't know."""


class NoProvider:
    """A station without telephony: an operator telephones."""

    async def send(self, message: Message, recipient: Recipient) -> Taken:
        """Nobody carries it."""
        raise NotTaken(NO_PROVIDER)

    async def ask(self, message: Message) -> EffectState | None:
        """Nobody heard of it."""
        return EffectState.QUEUED


async def send_waiting(database: Database, provider: Provider, held: Held | None = None) -> int:
    """Send what waits; how many messages. None in a restored station until it is released."""
    if not await effects_released(database):
        return 0
    mine = range(SHARDS) if held is None else [*held.shards]
    await _ask_about_abandoned(database, provider, mine)
    async with database.transaction() as session:
        claimed = await effects.claim(session, mine, CLAIM_S, _AT_ONCE)
    async with trio.open_nursery() as nursery:
        for message in claimed:
            nursery.start_soon(_send, database, provider, message)
    return len(claimed)


async def _send(database: Database, provider: Provider, message: Message) -> None:
    recipient = await effects.recipient(database, message.id)
    if recipient is None or (recipient.phone is None and message.recipient != "duty"):
        await effects.move(database, message.id, EffectState.FAILED, NOBODY)
        return
    try:
        taken = await provider.send(message, recipient)
    except NotTaken as refusal:
        await effects.move(database, message.id, EffectState.FAILED, str(refusal))
    except MayBeSent as doubt:
        await effects.move(database, message.id, EffectState.UNKNOWN, str(doubt))
    except Away as away:
        if message.attempts >= _TRIES:
            await effects.move(database, message.id, EffectState.FAILED, f"{TOO_OFTEN}: {away}")
        else:
            again_s = 0.0 if message.urgent else _BACK_OFF_S * message.attempts
            await effects.move(database, message.id, EffectState.QUEUED, str(away), again_s=again_s)
    else:
        await effects.move(database, message.id, taken.state, reference=taken.reference)


async def _ask_about_abandoned(database: Database, provider: Provider, mine: range | list[int]) -> None:
    for message in await effects.abandoned(database, mine, _AT_ONCE):
        state = await provider.ask(message)
        log.warning("message_abandoned", incident=message.incident, no=message.no, state=state and state.value)
        if state is None:
            await effects.move(database, message.id, EffectState.UNKNOWN, CAN_NOT_KNOW)
        else:
            await effects.move(database, message.id, state)
