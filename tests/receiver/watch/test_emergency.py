"""The emergency list over HTTP, as a browser and others ask for it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import trio

from receiver.watch import emergency
from receiver.watch.emergency import serve_forever


async def _page() -> str:
    return "FIRE <b>1234</b> +34910000001\n"


@contextlib.asynccontextmanager
async def served(port: int = 0) -> AsyncIterator[int]:
    """The list on a port of the loopback."""
    ports, ports_in = trio.open_memory_channel[int](1)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve_forever, "127.0.0.1", port, _page, ports.send_nowait)
        with trio.fail_after(60):
            yield await ports_in.receive()
        nursery.cancel_scope.cancel()


async def get(port: int, path: str = "/", host: str | None = None, method: str = "GET") -> httpx.Response:
    headers = {} if host is None else {"Host": host}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        return await client.request(method, f"http://127.0.0.1:{port}{path}", headers=headers)


async def test_a_browser_sees_the_list_and_asks_again_by_itself() -> None:
    async with served() as port:
        answer = await get(port)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "FIRE &lt;b&gt;1234&lt;/b&gt; +34910000001" in answer.text
    assert '<meta http-equiv="refresh" content="5">' in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_it_can_be_had_as_plain_text() -> None:
    async with served() as port:
        answer = await get(port, "/text")
    assert (answer.status_code, answer.text) == (200, "FIRE <b>1234</b> +34910000001\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_there_is_nothing_else() -> None:
    async with served() as port:
        assert (await get(port, "/favicon.ico")).status_code == 404
        assert (await get(port, method="POST")).status_code == 405


@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1", "[::1]:8001", "192.0.2.7", socket.gethostname()])
async def test_it_answers_to_addresses_and_to_the_machines_name(host: str) -> None:
    async with served() as port:
        assert (await get(port, host=host)).status_code == 200


@pytest.mark.parametrize("host", ["rebound.example", "localhost.rebound.example:80", "[", "127.0.0.1.example"])
async def test_another_site_cannot_lead_a_browser_here(host: str) -> None:
    async with served() as port:
        answer = await get(port, host=host)
    assert answer.status_code == 421
    assert "1234" not in answer.text


async def test_who_speaks_no_http_is_told_so_and_harms_nobody() -> None:
    async with served() as port:
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        await stream.send_all(b"\x16\x03\x01 hello\r\n\r\n")
        said = b""
        with trio.fail_after(60), contextlib.suppress(trio.BrokenResourceError):
            while more := await stream.receive_some():
                said += more
        assert said.startswith(b"HTTP/1.1 400 ")
        await stream.aclose()
        assert (await get(port)).status_code == 200


async def test_who_says_nothing_keeps_nobody_waiting() -> None:
    async with served() as port, contextlib.AsyncExitStack() as stack:
        for _ in range(50):
            stream = await stack.enter_async_context(await trio.open_tcp_stream("127.0.0.1", port))
            await stream.send_all(b"GET / HT")
        assert (await get(port)).status_code == 200


async def test_who_goes_away_in_the_middle_harms_nobody() -> None:
    async with served() as port:
        for _ in range(20):
            stream = await trio.open_tcp_stream("127.0.0.1", port)
            stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            await stream.send_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await stream.aclose()
        assert (await get(port)).status_code == 200


async def test_it_waits_for_a_port_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emergency, "_TRY_AGAIN_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_free_soon, taken)
            async with served(port) as found:
                assert found == port
                assert (await get(port)).status_code == 200


async def _free_soon(taken: socket.socket) -> None:
    await trio.sleep(0.3)
    taken.close()
