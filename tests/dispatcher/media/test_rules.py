"""What may be fetched: never anything of our own network, whatever a frame says."""

from __future__ import annotations

import pytest

from dispatcher.media.rules import NotAllowed, check_declared, is_outside, kind_of, link_of
from station.store.media import Host

HOSTS = [Host("cam.example.net", False), Host(".clips.example", False), Host("lan.example", True)]


@pytest.mark.parametrize(
    "url",
    [
        "https://cam.example.net/a?b=c",
        "https://CAM.example.net:443/a",
        "https://eu.clips.example/x",
        "http://lan.example/x",
    ],
)
def test_allowed_hosts_may_be_reached(url: str) -> None:
    assert link_of(url, HOSTS).host in {"cam.example.net", "eu.clips.example", "lan.example"}


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://evil.example/x", "not among the allowed hosts"),
        ("https://cam.example.net.evil.example/x", "not among"),
        ("https://clips.example/x", "not among"),
        ("http://cam.example.net/x", "https only"),
        ("https://user:word@cam.example.net/x", "name or a password"),
        ("https://cam.example.net:22/x", "port 22"),
        ("file:///etc/passwd", "not https"),
        ("ftp://cam.example.net/x", "not https"),
        ("javascript:alert(1)", "not https"),
        ("https://[::1", "can't be read"),
        ("https://cam.example.net:99999/", "can't be read"),
        ("", "not https"),
        ("https://cam.exam\nple.net/a", "characters"),
        ("https://cam.example.net/a\r\nHost: evil.example", "characters"),
        ("https://cam.example.net/a b", "characters"),
        ("https://cam.example.net/\x00", "characters"),
        ("https://cam.example.net/\u2028", "characters"),
        ("https://cam.example.net/caf\u00e9", "characters"),
        ("https://c\u0430m.example.net/a", "characters"),
        ("https://cam.example.net./a", "characters"),
        ("https://cam_example.clips.example/a", "characters"),
        ("https://evil.example\\.clips.example/a", "characters"),
        ("https://cam.example.net\\@evil.example/a", "name or a password"),
        ("https://%63am.example.net/a", "characters"),
        ("https://[2001:db8::1]/a", "characters"),
        ("https://.clips.example/a", "characters"),
        ("https://127.0.0.1/a", "not among"),
        ("https://2130706433/a", "not among"),
    ],
)
def test_others_may_not(url: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        link_of(url, HOSTS)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://cam.example.net", "/"),
        ("https://cam.example.net?a=b", "/?a=b"),
        ("https://cam.example.net/a%20b?c=%0d%0a#d", "/a%20b?c=%0d%0a"),
    ],
)
def test_what_is_asked_for_is_the_link_as_it_was_sent(url: str, target: str) -> None:
    assert link_of(url, HOSTS).target == target


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("https://cam.example.net/a", "cam.example.net"),
        ("https://cam.example.net:443/a", "cam.example.net"),
        ("http://lan.example/a", "lan.example"),
        ("http://lan.example:80/a", "lan.example"),
        ("http://lan.example:443/a", "lan.example:443"),
        ("http://lan.example:8080/a", "lan.example:8080"),
        ("https://lan.example:80/a", "lan.example:80"),
    ],
)
def test_the_host_is_named_without_the_usual_port(url: str, header: str) -> None:
    assert link_of(url, HOSTS).host_header == header


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_the_internet_is_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
        "fec0::1", "feff:ffff::1", "fe80::1%1", "fec0::1%1", "64:ff9b:1::a00:1", "::7f00:1", "::a00:1", "fdff::1",
        "2001:db8::1", "198.18.0.1", "240.0.0.1", "192.0.2.1", "169.254.0.1", "::ffff:169.254.169.254",
    ],
)  # fmt: skip
def test_nothing_of_ours_is(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"GIF87a", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"RIFF\n\n\n\nWEBP", "image/webp"),
        (b"\n\n\n\nftypisom", "video/mp4"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
    ],
)
def test_pictures_and_films_are_known_by_their_bytes(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html>", b"<svg xmlns=", b"%PDF-1.7", b"MZ", b"\xff\xd8", b"<script>WEBP", b" \xff\xd8\xff",
        b"\n\x89PNG\r\n\x1a\n", b"\x89PNG\n\x1a\n", b"GIF8", b"ftypmp42",
    ],
)  # fmt: skip
def test_nothing_else_is_kept(content: bytes) -> None:
    with pytest.raises(NotAllowed):
        kind_of(content)


@pytest.mark.parametrize(
    "declared",
    [
        "image/jpeg", "IMAGE/JPEG", " image/png ; charset=binary", "video/mp4", "", "application/octet-stream",
        "binary/octet-stream",
    ],
)  # fmt: skip
def test_a_host_may_call_it_a_picture_a_film_or_nothing_in_particular(declared: str) -> None:
    check_declared(declared)


@pytest.mark.parametrize(
    "declared",
    [
        "text/html", "text/html; image/jpeg", "image/svg+xml", "Image/SVG+XML; charset=utf-8", "application/pdf",
        "imageish/jpeg", "image", "multipart/x-mixed-replace", "text/plain",
    ],
)  # fmt: skip
def test_what_its_host_calls_something_else_is_refused(declared: str) -> None:
    with pytest.raises(NotAllowed, match="the host calls it neither"):
        check_declared(declared)
