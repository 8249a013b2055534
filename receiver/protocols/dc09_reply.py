"""SIA DC-09 replies: what a panel is told (5.5.1).

In: the frame that is answered. Out: bytes, in the panel's own manner: its CRC form, and R, L and account echoed
exactly as they came, absent if they were absent.
"""

from __future__ import annotations

import datetime as dt

from receiver.protocols import dc09_cipher
from receiver.protocols.dc09_frame import Frame, timestamp
from receiver.protocols.dc09_framing import enclose


def ack(frame: Frame, key: bytes | None, now: dt.datetime) -> bytes:
    """The frame is taken over. Encrypted with `key` if the frame was encrypted."""
    if not frame.encrypted or key is None:
        return enclose(b'"ACK"%b[]' % frame.header, frame.crc_form)
    sealed = dc09_cipher.encrypt(key, b"]" + timestamp(now))
    return enclose(b'"*ACK"%b[%b' % (frame.header, sealed), frame.crc_form)


def nak(frame: Frame, now: dt.datetime) -> bytes:
    """The frame's time is outside the window: here is the right time. Never encrypted; names no account."""
    return enclose(b'"NAK"0000R0L0A0[]%b' % timestamp(now), frame.crc_form)


def duh(frame: Frame) -> bytes:
    """The frame is not acted upon. Never encrypted."""
    return enclose(b'"DUH"%b[]' % frame.header, frame.crc_form)
