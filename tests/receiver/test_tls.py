"""DC-09 over TLS against the TLS client of the standard library, over memory and over a real socket."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import pathlib
import socket
import ssl
import threading

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from receiver.protocols.errors import LocalProtocolError, RemoteProtocolError
from receiver.tls import TlsFilter, context_for

FRAME = b'\n6D4F0029"ADM-CID"0001R0L0#1234[#1234|1131 01 003]\r'
ACK = b'\nDBE70014"ACK"0001R0L0#1234[]\r'


@attrs.frozen
class Papers:
    """A certificate and its key, in files, and as they are in memory."""

    certificate: pathlib.Path
    key: pathlib.Path
    signed: x509.Certificate
    signer: ec.EllipticCurvePrivateKey


def papers(folder: pathlib.Path, name: str, issuer: Papers | None = None) -> Papers:
    """A certificate for `name`, vouched for by `issuer`, or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.signed.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key if issuer is None else issuer.signer, hashes.SHA256())
    )
    files = folder / f"{name}.crt", folder / f"{name}.key"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(_pem(key, serialization.NoEncryption()))
    return Papers(*files, signed, key)


def _pem(key: ec.EllipticCurvePrivateKey, locked: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked)


@attrs.frozen
class Site:
    """Everybody's papers."""

    root: Papers
    station: Papers
    panel: Papers
    stranger: Papers

    def context(self, *, ask: bool = False, require: bool = False) -> ssl.SSLContext:
        ca = self.root.certificate if ask or require else None
        return context_for(self.station.certificate, self.station.key, ca, require_client=require)

    def client(self, shown: Papers | None = None, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.root.certificate)
        if shown is not None:
            context.load_cert_chain(shown.certificate, shown.key)
        if version is not None:
            context.minimum_version = context.maximum_version = version
        return context


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("papers")
    root = papers(folder, "root")
    return Site(root, papers(folder, "station", root), papers(folder, "panel", root), papers(folder, "stranger"))


class Panel:
    """A TLS client in memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._in, self._out, server_hostname="localhost")

    def hears(self, cipher: bytes) -> None:
        self._in.write(cipher)

    def says(self, plain: bytes = b"") -> bytes:
        """Cipher bytes for `plain`, or whatever the handshake makes it say."""
        try:
            if plain:
                self.tls.write(plain)
            else:
                self.tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._out.read()

    def reads(self) -> bytes:
        return self.tls.read(65_536)


def shaken(ours: TlsFilter, panel: Panel) -> None:
    """Let both say what the handshake needs, to the end."""
    for _ in range(6):
        said = panel.says()
        if said:
            assert ours.receive_data(said) == b""
        panel.hears(ours.outgoing())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_frame_comes_out_plain_and_its_ack_goes_back(site: Site, version: ssl.TLSVersion) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client(version=version))

    shaken(ours, panel)

    assert ours.established
    assert ours.receive_data(panel.says(FRAME)) == FRAME
    cipher = ours.send(ACK)
    assert ACK not in cipher
    panel.hears(cipher)
    assert panel.reads() == ACK


def test_bytes_may_come_one_by_one_and_many_frames_at_once(site: Site) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    for _ in range(6):
        for byte in panel.says():
            assert ours.receive_data(bytes([byte])) == b""
        panel.hears(ours.outgoing())

    assert b"".join(ours.receive_data(bytes([byte])) for byte in panel.says(FRAME)) == FRAME
    assert ours.receive_data(panel.says(FRAME) + panel.says(FRAME * 2000)) == FRAME * 2001


@pytest.mark.parametrize(
    "noise",
    [FRAME, b"GET / HTTP/1.1\r\n\r\n", b"SR0001L0001    001465XX    [ID5B9490D8]", b"\x16\x03\x01\x00\x05hello"],
)
def test_what_is_no_tls_is_the_panels_error(site: Site, noise: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="TLS"):
        TlsFilter(site.context()).receive_data(noise)


def test_a_damaged_record_is_the_panels_error_and_names_the_alert_to_send(site: Site) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    shaken(ours, panel)
    record = bytearray(panel.says(FRAME))
    record[-1] ^= 1

    with pytest.raises(RemoteProtocolError) as refused:
        ours.receive_data(bytes(record))

    panel.hears(refused.value.reply)
    with pytest.raises(ssl.SSLError, match=r"BAD_RECORD_MAC"):
        panel.reads()


def test_a_version_that_is_too_old_is_refused(site: Site) -> None:
    assert site.context().minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_handshake_that_never_ends_is_given_up(site: Site) -> None:
    ours = TlsFilter(site.context())
    # A hello that announces more than it ever brings, record after record.
    hello = b"\x16\x03\x01\x40\x00" + b"\x01\x01\xff\xff" + b"\x03\x03" + bytes(0x4000 - 6)
    for record in (hello, *[b"\x16\x03\x01\x40\x00" + bytes(0x4000)] * 2):
        assert ours.receive_data(record) == b""

    with pytest.raises(RemoteProtocolError, match="does not end"):
        ours.receive_data(b"\x16\x03\x01\x40\x00" + bytes(0x4000))


def test_a_reply_before_the_handshake_is_our_own_error(site: Site) -> None:
    with pytest.raises(LocalProtocolError):
        TlsFilter(site.context()).send(ACK)


def test_the_panels_farewell_and_ours(site: Site) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    shaken(ours, panel)
    last = panel.says(FRAME)
    with pytest.raises(ssl.SSLWantReadError):
        panel.tls.unwrap()

    assert ours.receive_data(last + panel.says()) == FRAME
    assert ours.ended
    # It still gets its answer, and hears that nothing more comes.
    panel.hears(ours.send(ACK) + ours.close())
    assert panel.reads() == ACK
    panel.tls.unwrap()


def test_a_panel_that_hangs_up_without_a_word(site: Site) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    shaken(ours, panel)

    assert ours.receive_data(panel.says(FRAME)) == FRAME
    assert not ours.ended
    assert ours.receive_data(b"") == b""
    assert ours.ended


def test_a_panel_that_hangs_up_during_the_handshake(site: Site) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    ours.receive_data(panel.says()[:20])

    assert ours.receive_data(b"") == b""
    assert ours.ended


# Client certificates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_required_certificate_that_is_there(site: Site, version: ssl.TLSVersion) -> None:
    ours, panel = TlsFilter(site.context(require=True)), Panel(site.client(site.panel, version))
    shaken(ours, panel)

    assert ours.receive_data(panel.says(FRAME)) == FRAME


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("shows_one", [False, True], ids=["none", "a stranger's"])
def test_a_required_certificate_that_is_none_or_a_strangers(
    site: Site, version: ssl.TLSVersion, shows_one: bool
) -> None:
    ours = TlsFilter(site.context(require=True))
    panel = Panel(site.client(site.stranger if shows_one else None, version))

    with pytest.raises(RemoteProtocolError) as refused:
        shaken(ours, panel)

    assert refused.value.reply
    assert not ours.established


def test_a_certificate_that_is_asked_for_may_be_missing(site: Site) -> None:
    ours, panel = TlsFilter(site.context(ask=True)), Panel(site.client())
    shaken(ours, panel)

    assert ours.receive_data(panel.says(FRAME)) == FRAME


# Over a socket ---------------------------------------------------------------------------------------------------


def test_over_a_real_socket_with_the_usual_client(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(20)
        server = threading.Thread(target=_answer_once, args=(door, site.context()))
        server.start()
        with (
            socket.create_connection(door.getsockname(), timeout=20) as plain,
            site.client().wrap_socket(plain, server_hostname="localhost") as panel,
        ):
            panel.sendall(FRAME)
            assert panel.recv(100) == ACK
            assert panel.recv(100) == b""
        server.join(20)


def _answer_once(door: socket.socket, context: ssl.SSLContext) -> None:
    ours = TlsFilter(context)
    connection, _ = door.accept()
    with connection:
        heard = b""
        while FRAME not in heard:
            heard += ours.receive_data(connection.recv(7))
            connection.sendall(ours.outgoing())
        connection.sendall(ours.send(ACK) + ours.close())


# Files -----------------------------------------------------------------------------------------------------------


def test_files_that_cannot_be_used_are_named(site: Site, tmp_path: pathlib.Path) -> None:
    missing, empty, locked = tmp_path / "missing.pem", tmp_path / "empty.pem", tmp_path / "locked.key"
    empty.write_bytes(b"")
    locked.write_bytes(_pem(site.station.signer, serialization.BestAvailableEncryption(b"secret")))
    certificate, key = site.station.certificate, site.station.key

    with pytest.raises(ValueError, match=r"missing\.pem can't be read: No such file"):
        context_for(missing, key, None, require_client=False)
    with pytest.raises(ValueError, match=r"empty\.pem and .*station\.key are not a certificate"):
        context_for(empty, key, None, require_client=False)
    with pytest.raises(ValueError, match=r"stranger\.key are not a certificate and its private key"):
        context_for(certificate, site.stranger.key, None, require_client=False)
    with pytest.raises(ValueError, match=r"locked\.key are not .* without a password"):
        context_for(certificate, locked, None, require_client=False)
    with pytest.raises(ValueError, match=r"empty\.pem holds no certificates"):
        context_for(certificate, key, empty, require_client=False)
    with pytest.raises(ValueError, match="who may vouch"):
        context_for(certificate, key, None, require_client=True)


# Anything --------------------------------------------------------------------------------------------------------


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.binary(max_size=100), max_size=8), after=st.booleans())
def test_any_bytes_are_taken_or_refused(site: Site, pieces: list[bytes], after: bool) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    if after:
        shaken(ours, panel)
    try:
        for piece in pieces:
            ours.receive_data(piece)
            ours.outgoing()
    except RemoteProtocolError:
        pass


def test_a_panel_that_sends_much_costs_no_more_than_it_sends(site: Site) -> None:
    ours, panel = TlsFilter(site.context()), Panel(site.client())
    shaken(ours, panel)
    said = os.urandom(1_000_000)

    cipher = panel.says(said)
    heard = b"".join(ours.receive_data(cipher[at : at + 8192]) for at in range(0, len(cipher), 8192))

    assert heard == said
    assert ours.outgoing() == b""
