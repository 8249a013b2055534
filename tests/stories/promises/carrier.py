"""Who carries the station's messages in a story: a provider that records each once, and fails as it is told to."""

from __future__ import annotations

import enum
import uuid

import attrs

from dispatcher.outbox import Away, MayBeSent, NotTaken, Taken
from station.plan_events import EffectKind, EffectState
from station.store.effects import Message, Recipient


class Mood(enum.Enum):
    """What becomes of a message."""

    DELIVERS = "delivers"
    #: Taken over; whether it arrives is told later.
    ACCEPTS = "accepts"
    REFUSES = "refuses"
    AWAY = "away"
    #: It may have been sent or not.
    DOUBTS = "doubts"


class SenderDied(Exception):
    """The process that sends ended between the claim and the record."""


@attrs.frozen(kw_only=True)
class Sent:
    """One message that left the building. `phone` None: the duty telephone."""

    id: uuid.UUID
    kind: EffectKind
    template: str
    phone: str | None
    about: str
    language: str


@attrs.define
class Carrier:
    """The provider of a story."""

    mood: Mood = Mood.DELIVERS
    #: The sender dies as soon as the provider has heard the next message, or before he has.
    dies_after: bool = False
    dies_before: bool = False
    #: Whether the provider can say what became of a message.
    remembers: bool = True
    sent: list[Sent] = attrs.field(factory=list)

    async def send(self, message: Message, recipient: Recipient) -> Taken:
        """Carry it, unless told otherwise."""
        if self.dies_before:
            self.dies_before = False
            raise SenderDied
        match self.mood:
            case Mood.REFUSES:
                raise NotTaken("no such number")
            case Mood.AWAY:
                raise Away("no answer")
            case Mood.DOUBTS:
                raise MayBeSent("the line broke")
            case Mood.DELIVERS | Mood.ACCEPTS:
                self._record(message, recipient)
        if self.dies_after:
            self.dies_after = False
            raise SenderDied
        state = EffectState.DELIVERED if self.mood is Mood.DELIVERS else EffectState.ACCEPTED
        return Taken(f"ref-{len(self.sent)}", state)

    def _record(self, message: Message, recipient: Recipient) -> None:
        assert all(one.id != message.id for one in self.sent), f"sent twice: {message}"
        self.sent.append(
            Sent(
                id=message.id,
                kind=message.kind,
                template=message.template,
                phone=recipient.phone,
                about=message.about,
                language=recipient.language,
            )
        )

    async def ask(self, message: Message) -> EffectState | None:
        """What became of it, as far as the provider knows."""
        if not self.remembers:
            return None
        heard = any(one.id == message.id for one in self.sent)
        return EffectState.DELIVERED if heard else EffectState.QUEUED
