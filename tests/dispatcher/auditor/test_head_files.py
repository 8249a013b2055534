"""Heads and keys as files, and their way to another host."""

from __future__ import annotations

import pathlib
import stat
from collections.abc import Callable

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatcher.auditor.head_files import (
    Unusable,
    head_paths,
    load_or_make_key,
    load_public_key,
    private_key_file,
    public_key_file,
    public_pem,
    read_heads,
    write_head,
)
from dispatcher.auditor.sending import NotSent, copy_heads, post_heads
from station.heads import sign
from tests.station.test_heads import FIRST, after

SECOND = after(FIRST)
THIRD = after(SECOND)


@pytest.fixture
def ours(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder with two heads."""
    folder = tmp_path / "ours"
    folder.mkdir()
    for head in (SECOND, FIRST):
        write_head(folder, sign(head, Ed25519PrivateKey.generate()))
    return folder


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def there(tmp_path: pathlib.Path) -> pathlib.Path:
    folder = tmp_path / "there"
    folder.mkdir()
    return folder


def test_the_key_is_made_once_and_nobody_else_may_read_it(tmp_path: pathlib.Path) -> None:
    key = load_or_make_key(tmp_path)
    assert stat.S_IMODE(private_key_file(tmp_path).stat().st_mode) == 0o600
    assert private_key_file(tmp_path).name == "head.key"
    assert public_key_file(tmp_path).name == "head.pub"
    again = load_or_make_key(tmp_path)
    assert public_pem(again.public_key()) == public_pem(key.public_key()) == public_key_file(tmp_path).read_text()
    public_key_file(tmp_path).unlink()
    load_or_make_key(tmp_path)
    load_public_key(public_key_file(tmp_path)).verify(key.sign(b"said"), b"said")


def test_a_damaged_key_is_not_replaced(tmp_path: pathlib.Path) -> None:
    private_key_file(tmp_path).write_text("rubbish")
    with pytest.raises(Unusable, match=r"head\.key holds no key"):
        load_or_make_key(tmp_path)
    assert private_key_file(tmp_path).read_text() == "rubbish"
    public_key_file(tmp_path).write_text("rubbish")
    with pytest.raises(Unusable, match=r"head\.pub holds no public key"):
        load_public_key(public_key_file(tmp_path))


def test_heads_are_read_in_the_order_of_their_numbers(ours: pathlib.Path) -> None:
    (ours / "posted").write_text("")
    assert [signed.head.number for signed in read_heads(head_paths([ours]))] == [1, 2]
    paths = head_paths([ours])
    assert head_paths([paths[1], paths[0], ours]) == paths


def test_a_file_that_holds_no_head_is_named(ours: pathlib.Path) -> None:
    (ours / "head-00000003.json").write_text("é")
    with pytest.raises(Unusable, match=r"head-00000003\.json holds no head"):
        list(read_heads(head_paths([ours])))


async def test_what_another_folder_lacks_is_copied(ours: pathlib.Path, there: pathlib.Path) -> None:
    assert await copy_heads(ours, there) == 2
    assert await copy_heads(ours, there) == 0
    write_head(ours, sign(THIRD, Ed25519PrivateKey.generate()))
    assert await copy_heads(ours, there) == 1
    assert contents(there) == contents(ours)


async def test_a_folder_that_is_not_there_is_not_made(ours: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with pytest.raises(NotSent, match="there is no folder"):
        await copy_heads(ours, tmp_path / "not mounted")
    assert not (tmp_path / "not mounted").exists()


Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.MockTransport(answer))


async def test_each_head_is_posted_once_and_in_order(ours: pathlib.Path) -> None:
    posted: list[bytes] = []
    status = [204, 503, 204]

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        assert request.headers["content-type"] == "application/json"
        posted.append(request.content)
        return httpx.Response(status.pop(0))

    first, second = (path.read_bytes() for path in head_paths([ours]))
    async with client(answer) as http:
        with pytest.raises(NotSent) as refused:
            await post_heads(http, ours, "https://archive.example/heads?token=secret")
        assert str(refused.value) == "archive.example answers 503"
        assert await post_heads(http, ours, "https://archive.example/heads?token=secret") == 1
        assert await post_heads(http, ours, "https://archive.example/heads?token=secret") == 0
    assert posted == [first, second, second]


async def test_an_address_that_can_not_be_reached_is_told_without_its_secret(ours: pathlib.Path) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("https://archive.example/heads?token=secret")

    async with client(answer) as http:
        with pytest.raises(NotSent) as refused:
            await post_heads(http, ours, "https://archive.example/heads?token=secret")
    assert str(refused.value) == "archive.example: ConnectError"
