"""What is thought of each connection: newcomer or known, in doubt, too fast, too noisy; and what follows from it.

In: what its frames showed of it. Out: the connection moved between the lobby and the known ones, paused, or closed.
"""

from __future__ import annotations

import select
from typing import Final

from receiver import metrics
from receiver.connections import PanelConnection
from receiver.intake import Sender, Taken
from receiver.limits import Limits, a_tick
from receiver.newcomers import Newcomers, Paused, Tally, Vouchers, sender_at
from receiver.stranger_talk import StrangerTalk

#: Of newcomers who were stopped, so many are read again in each tick: each may hold some frames that prove nothing.
_NEWCOMERS_RESUMED: Final = 25
#: What it takes to let somebody in and out again.
_CALL_FOR_NOTHING_S: Final = 0.0001
_LONGEST_PAYMENT_S: Final = 0.05


class Suspicion:
    """All connections of a receiver."""

    def __init__(self, limits: Limits, talk: StrangerTalk, *, known: select.epoll, lobby: select.epoll) -> None:
        self._limits = limits
        self._talk = talk
        self._known = known
        self._lobby = lobby
        self.newcomers: Newcomers[PanelConnection] = Newcomers(limits)
        #: Frames that prove nothing.
        self._doubts = Tally(a_tick(limits.all_doubtful_frames_per_s))
        #: The same by datagrams, of this second: they can't wait until the next tick.
        self._doubtful_datagrams = Tally(limits.all_doubtful_frames_per_s)
        self._wasted_s = 0.0
        self._vouchers: Vouchers[PanelConnection] = Vouchers(limits)
        self._noise = Tally()
        self._paused: Paused[PanelConnection] = Paused(_NEWCOMERS_RESUMED)

    def welcome(self, connection: PanelConnection, now_s: float) -> None:
        """A newcomer."""
        self.newcomers.add(connection, sender_at(connection.source.host), now_s)

    def judge(self, connection: PanelConnection, taken: Taken, now_s: float) -> None:
        """What one frame shows."""
        if taken.sender is Sender.DOUBTFUL or taken.slot is None:
            self.doubt(connection)
            return
        if connection.vouched_by is None and not connection.closed:
            self._admit(connection, taken.slot, now_s)
        if taken.sender is Sender.HASTY:
            self._pause(connection, "account_frames")

    def doubt(self, connection: PanelConnection) -> None:
        """One more frame that proves nothing."""
        if connection.vouched_by is None:
            sender, limit = sender_at(connection.source.host), "newcomer_frames"
            most = a_tick(self._limits.newcomer_frames_per_s)
        else:
            # Of a carrier's address many panels are known: each answers for itself.
            sender, limit = connection.source.peer, "doubtful_frames"
            most = a_tick(self._limits.doubtful_frames_per_s)
        self._doubts.add(sender)
        if self._doubts.used_up(sender, most):
            self._pause(connection, limit)

    def doubt_datagram(self, host: str) -> None:
        """The same, by a datagram."""
        self._doubtful_datagrams.add(sender_at(host))

    def too_doubtful(self, host: str) -> bool:
        """True if one more such datagram from there would be one too many."""
        return self._doubtful_datagrams.used_up(sender_at(host), self._limits.newcomer_frames_per_s)

    def noise(self, connection: PanelConnection) -> None:
        """Some bytes belonged to no frame."""
        noise = connection.conversation.noise_bytes
        more = noise - connection.noise_bytes
        connection.noise_bytes = noise
        metrics.NOISE.inc(more)
        self._noise.add(connection.source.peer, more)
        if connection.vouched_by is None and noise > self._limits.newcomer_noise_bytes:
            metrics.LIMITED.labels("newcomer_noise").inc()
            connection.close()
        elif self._noise.used_up(connection.source.peer, a_tick(self._limits.noise_bytes_per_s)):
            self._pause(connection, "noise")

    def nothing_heard(self, connection: PanelConnection, now_s: float) -> None:
        """It was read, and no frame came of it."""
        if connection.conversation.noise_bytes != connection.noise_bytes:
            self.noise(connection)
        if connection.refusal is not None:
            self._talk.refused(connection.refusal, connection.source.host, now_s)
        elif connection.beginning:
            stranger = self._talk.hear(connection.beginning, connection.source.host, now_s)
            if stranger is not None:
                connection.beginning = b"" if stranger.reply else None
                connection.say(stranger.reply)

    def forget(self, connection: PanelConnection) -> None:
        """It is closed."""
        self.newcomers.forget(connection)
        self._paused.forget(connection)
        if connection.vouched_by is None:
            self.wasted(_CALL_FOR_NOTHING_S)
        else:
            self._vouchers.forget(connection.vouched_by, connection)

    def make_room(self) -> bool:
        """Hang up on the oldest newcomers of the most crowded address; False if there are none."""
        leaving = self.newcomers.make_room()
        for connection in leaving:
            metrics.LIMITED.labels("descriptors").inc()
            connection.close()
        return bool(leaving)

    def wasted(self, seconds: float) -> None:
        """So much time was spent on what came of nothing."""
        self._wasted_s += seconds

    def time_to_pay(self) -> float:
        """Seconds for which nothing is to be spent on newcomers; 0 as long as they wasted no whole turn."""
        if self._wasted_s < self._limits.newcomer_turn_s:
            return 0.0
        wasted_s, self._wasted_s = self._wasted_s, 0.0
        metrics.STRANGERS_TIME.inc(wasted_s)
        return min(wasted_s / self._limits.stranger_share - wasted_s, _LONGEST_PAYMENT_S)

    def next_tick(self) -> None:
        """Let everybody begin anew."""
        self._doubts.next_tick()
        self._noise.next_tick()
        for connection in self._paused.next_tick():
            connection.resume()

    def next_second(self, now_s: float) -> None:
        """The same for what is counted by the second; and hang up on newcomers of each address that has too many."""
        self._doubtful_datagrams.next_tick()
        for connection in self.newcomers.too_many(now_s):
            metrics.LIMITED.labels("newcomer_connections").inc()
            connection.close()

    def _admit(self, connection: PanelConnection, slot: int, now_s: float) -> None:
        self.newcomers.forget(connection)
        connection.vouched_by = slot
        connection.move(self._known)
        no_longer = self._vouchers.vouch(slot, connection)
        if no_longer is not None:
            metrics.LIMITED.labels("account_connections").inc()
            no_longer.vouched_by = None
            no_longer.move(self._lobby)
            self.welcome(no_longer, now_s)

    def _pause(self, connection: PanelConnection, limit: str) -> None:
        metrics.LIMITED.labels(limit).inc()
        if not connection.paused and not connection.closed:
            connection.pause()
            self._paused.add(connection, newcomer=connection.vouched_by is None)
