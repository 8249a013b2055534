"""What a receiver counts. Labels never name an account.

The edges of the ACK histogram lie on what panels wait for: half of them in a second, the last at 20 s.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SIGNALS: Final = Counter("sereno_signals_received", "Signals committed", ["protocol", "transport", "kind"])
REPLIES: Final = Counter("sereno_replies_sent", "Replies to panels, after the commit", ["reply"])
IGNORED: Final = Counter("sereno_signals_rejected", "Frames that got no answer", ["reason"])
NOISE: Final = Counter("sereno_receiver_noise_bytes", "Bytes that belonged to no frame")
ACK_DURATION: Final = Histogram(
    "sereno_signal_ack_duration_seconds",
    "From the frame's last byte to its reply, commit included",
    ["protocol"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20),
)
COMMIT_DURATION: Final = Histogram(
    "sereno_db_commit_duration_seconds",
    "One commit of the journal",
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
)
COMMIT_SIGNALS: Final = Histogram(
    "sereno_journal_commit_signals", "Signals in one commit", buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
)
COMMIT_FAILURES: Final = Counter("sereno_journal_commit_failures", "Commits whose outcome was unknown, written again")
STORED_BARE: Final = Counter("sereno_journal_stored_bare", "Commits in which a signal could not be stored as it was")
WAITING: Final = Gauge("sereno_journal_waiting_signals", "Signals read and not yet committed")
CONNECTIONS: Final = Gauge("sereno_receiver_connections", "Open panel connections")
ACCEPT_PAUSES: Final = Counter("sereno_receiver_accept_pauses", "Times that descriptors ran out")
LAST_SIGNAL: Final = Gauge("sereno_receiver_last_signal_timestamp_seconds", "When the last signal was committed")
ACCOUNTS: Final = Gauge("sereno_receiver_accounts", "Accounts known to this receiver")
