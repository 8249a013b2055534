"""The two ways to break a protocol, after h11: theirs and ours."""

from __future__ import annotations


class RemoteProtocolError(Exception):
    """The panel sent what its protocol does not allow. `reply` is what to send back, if anything."""

    def __init__(self, message: str, reply: bytes = b"") -> None:
        super().__init__(message)
        self.reply = reply


class LocalProtocolError(Exception):
    """We were about to break the protocol: a bug here."""
