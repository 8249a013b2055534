"""What may be fetched: never anything of our own network, whatever a frame says."""

from __future__ import annotations

import pytest

from dispatcher.media.rules import NotAllowed, is_outside, kind_of, link_of
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
    ],
)
def test_others_may_not(url: str, why: str) -> None:
    with pytest.raises(NotAllowed, match=why):
        link_of(url, HOSTS)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888"])
def test_the_internet_is_outside(address: str) -> None:
    assert is_outside(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    ],
)  # fmt: skip
def test_nothing_of_ours_is(address: str) -> None:
    assert not is_outside(address)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0 jpeg", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
    ],
)
def test_pictures_and_films_are_known_by_their_bytes(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind


@pytest.mark.parametrize("content", [b"", b"<html>", b"<svg xmlns=", b"%PDF-1.7", b"MZ"])
def test_nothing_else_is_kept(content: bytes) -> None:
    with pytest.raises(NotAllowed):
        kind_of(content)
