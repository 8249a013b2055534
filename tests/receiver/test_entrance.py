"""The listening sockets when descriptors run out, several of them at once."""

from __future__ import annotations

import contextlib
import select
import socket
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from receiver import entrance
from receiver.entrance import Entrance
from receiver.limits import Limits


@pytest.fixture
def epoll() -> Iterator[select.epoll]:
    with contextlib.closing(select.epoll()) as waiting:
        yield waiting


def test_two_doors_out_of_descriptors_wait_and_listen_again(
    epoll: select.epoll, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcomed: list[socket.socket] = []
    with contextlib.ExitStack() as stack:
        doors = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        for door in doors:
            door.setblocking(False)
            stack.enter_context(socket.create_connection(door.getsockname()))
        entered = Entrance(dict.fromkeys(doors), epoll, Limits(), lambda: False, lambda sock, *_: welcomed.append(sock))
        monkeypatch.setattr(entered, "_connection_limit", 0)
        ready = {descriptor for descriptor, _ in epoll.poll(1)}
        assert ready == {door.fileno() for door in doors}

        with capture_logs() as lines:
            entered.accept(ready, 0, 100.0)
        assert [line["event"] for line in lines] == ["out_of_descriptors"]
        assert epoll.poll(0) == [], "or the loop would spin"

        monkeypatch.setattr(entered, "_connection_limit", 10)
        entered.open_again(100.0 + entrance._PAUSE_S / 2)
        assert epoll.poll(0) == []
        entered.open_again(100.0 + entrance._PAUSE_S)
        entered.accept({descriptor for descriptor, _ in epoll.poll(1)}, 0, 101.0)
        for sock in welcomed:
            stack.enter_context(sock)
        assert len(welcomed) == 2
