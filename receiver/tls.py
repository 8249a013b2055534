"""DC-09 over TLS, without I/O: cipher bytes in, plain bytes out, and back.

In: what a socket read, and what is to be told to the panel. Out: plain bytes for the conversation, and cipher bytes for
the socket. Whoever owns the socket sends `outgoing()` after every call: handshake, replies and alerts lie there.
"""

from __future__ import annotations

import contextlib
import pathlib
import ssl
from typing import Final

from receiver.protocols.errors import LocalProtocolError, RemoteProtocolError

#: Hello, certificates and finish of a client; chains of three certificates take 5 KiB.
_HANDSHAKE_LIMIT_BYTES: Final = 65_536
_READ_BYTES: Final = 16_384


class TlsFilter:
    """Our side of one TLS connection."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._from_panel = ssl.MemoryBIO()
        self._to_panel = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._from_panel, self._to_panel, server_side=True)
        self._shaken_bytes = 0
        #: True once the handshake is done, and once the panel has said that nothing more comes.
        self.established = False
        self.ended = False

    def receive_data(self, cipher: bytes) -> bytes:
        """The plain bytes that `cipher` completes; empty `cipher` means that the panel closed its side.

        Raises:
            RemoteProtocolError: the panel does not speak TLS, or proves no right to it; `reply` is the alert to send.
        """
        if self.ended:
            return b""
        if cipher:
            self._from_panel.write(cipher)
        else:
            self._from_panel.write_eof()
        try:
            if not self.established:
                self._shake_hands(len(cipher))
            return self._read()
        except ssl.SSLWantReadError:
            return b""
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            # Many panels hang up without a word; frames have an end of their own, so none is cut short unseen.
            self.ended = True
            return b""
        except ssl.SSLError as error:
            raise RemoteProtocolError(f"TLS: {error.reason or error}", self.outgoing()) from error

    def _shake_hands(self, size_bytes: int) -> None:
        self._shaken_bytes += size_bytes
        if self._shaken_bytes > _HANDSHAKE_LIMIT_BYTES:
            raise RemoteProtocolError("TLS: the handshake does not end")
        self._tls.do_handshake()
        self.established = True

    def _read(self) -> bytes:
        plain = []
        try:
            while piece := self._tls.read(_READ_BYTES):
                plain.append(piece)
            self.ended = True
        except ssl.SSLWantReadError:
            pass  # the rest of the record is still to come
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
            self.ended = True
        return b"".join(plain)

    def send(self, plain: bytes) -> bytes:
        """The cipher bytes to send for `plain`, behind whatever else waits to be sent.

        Raises:
            LocalProtocolError: the handshake is not done: there was nothing that could be answered.
        """
        if not self.established:
            raise LocalProtocolError("a reply before the TLS handshake")
        self._tls.write(plain)
        return self.outgoing()

    def outgoing(self) -> bytes:
        """The cipher bytes that wait to be sent."""
        return self._to_panel.read()

    def close(self) -> bytes:
        """Say that nothing more comes: the cipher bytes to send before the socket is closed."""
        if self.established:
            # It wants to read the panel's own farewell, and nobody waits for that.
            with contextlib.suppress(ssl.SSLError):
                self._tls.unwrap()
        return self.outgoing()


def context_for(
    certificate: pathlib.Path, key: pathlib.Path, client_ca: pathlib.Path | None, *, require_client: bool
) -> ssl.SSLContext:
    """How every panel is met: TLS 1.2 or newer, our certificate, and theirs if `client_ca` is given.

    Args:
        certificate: ours, and those between it and its root, in PEM.
        key: its private key, in PEM, without a password.
        client_ca: who may vouch for panels, in PEM; None asks no panel for a certificate.
        require_client: refuse panels that show none.

    Raises:
        ValueError: a file can't be used; the text is for the user.
    """
    if require_client and client_ca is None:
        raise ValueError("client certificates can be required only if it is known who may vouch for them")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # A panel would keep a server busy by asking for new keys again and again.
    context.options |= ssl.OP_NO_RENEGOTIATION
    for file in (certificate, key, *([] if client_ca is None else [client_ca])):
        _check_readable(file)
    try:
        # Without the password callback OpenSSL would ask on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except ssl.SSLError as error:
        raise ValueError(
            f"{certificate} and {key} are not a certificate and its private key in PEM, without a password: "
            f"{error.reason or error}"
        ) from None
    if client_ca is not None:
        try:
            context.load_verify_locations(client_ca)
        except ssl.SSLError as error:
            raise ValueError(f"{client_ca} holds no certificates in PEM: {error.reason or error}") from None
        context.verify_mode = ssl.CERT_REQUIRED if require_client else ssl.CERT_OPTIONAL
    return context


def _check_readable(file: pathlib.Path) -> None:
    try:
        file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file} can't be read: {error.strerror or error}") from None
