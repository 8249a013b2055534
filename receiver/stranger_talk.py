"""What is done about those who speak no DC-09: counted, logged once an hour for each address, and answered if they ask.

In: the beginning of what gave no frame. Out: who it is, for whoever owns the socket to send `reply`.
"""

from __future__ import annotations

import structlog

from receiver import metrics
from receiver.strangers import HourlyLog, Stranger, recognise

log = structlog.get_logger()


class StrangerTalk:
    """What all doors for DC-09 share."""

    def __init__(self) -> None:
        self._due = HourlyLog()

    def hear(self, beginning: bytes, host: str, now_s: float) -> Stranger | None:
        """Note who begins to speak like this; None if nobody that we know."""
        stranger = recognise(beginning)
        if stranger is not None:
            metrics.STRANGERS.labels(stranger.value).inc()
            if self._due.due(host, stranger.value, now_s):
                log.info("stranger", kind=stranger.value, address=host)
        return stranger

    def refused(self, why: str, host: str, now_s: float) -> None:
        """Note somebody at the TLS door who can't or may not speak TLS."""
        metrics.TLS_REFUSED.inc()
        if self._due.due(host, "tls_refused", now_s):
            log.info("tls_refused", why=why, address=host)

    def unreachable(self, why: str, host: str, now_s: float) -> None:
        """Note a sender of datagrams who can't be answered; a panel repeats its frame, and the copy is answered."""
        metrics.UDP_REPLIES_LOST.inc()
        if self._due.due(host, "udp_reply_lost", now_s):
            log.warning("udp_reply_lost", why=why, address=host)
