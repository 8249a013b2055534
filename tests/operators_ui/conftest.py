"""A real console on a real socket over a real database, and a real browser to look at it.

`console` runs in the test's nursery. `browser` drives Chromium in a thread of its own, since Playwright and
trio-asyncio both bend asyncio; `await browser.visitor(console)` gives somebody who looks at the console.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import os
import shutil
import socket
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final, TypeVar

import attrs
import httpx
import pytest
import trio
import trio_asyncio
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from operators_ui.process import run_console
from station.operators import Operator
from station.station_key import StationKey
from station.store.database import Database
from tests.operators_ui.seeding import PASSWORD, Seed

T = TypeVar("T")

#: How long a page may take on a machine with other work to do.
PATIENCE_MS: Final = 30_000

_NO_CHROMIUM: Final = "NO CHROMIUM: THE SCREENS ARE NOT TESTED. Install it: apt-get install chromium"
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def seed(owner: Database) -> Seed:
    """Fills the test's station."""
    return Seed(owner)


class RunningConsole:
    """A console that can be stopped and started again at the same address."""

    def __init__(
        self, database_url: str, nursery: trio.Nursery, *, secure_cookies: bool = False, key: StationKey | None = None
    ) -> None:
        self._database_url = database_url
        self._key = key
        self._secure_cookies = secure_cookies
        self._nursery = nursery
        self._scope = trio.CancelScope()
        self._stopped = trio.Event()
        self._port = 0

    @property
    def base(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Serve."""
        listening = socket.create_server(("127.0.0.1", self._port))
        self._port = listening.getsockname()[1]
        self._scope, self._stopped = trio.CancelScope(), trio.Event()
        await self._nursery.start(self._run, listening)

    async def _run(self, listening: socket.socket, *, task_status: trio.TaskStatus[None]) -> None:
        # The console opens its own asyncio loop, as in its own process, whatever loop the test's fixtures opened.
        trio_asyncio.current_loop.set(None)
        with self._scope:
            await run_console(
                self._database_url,
                listening,
                key=self._key,
                secure_cookies=self._secure_cookies,
                task_status=task_status,
            )
        self._stopped.set()

    async def stop(self) -> None:
        """Stop, and be gone soon, whoever is still listening."""
        self._scope.cancel()
        with trio.fail_after(30):
            await self._stopped.wait()

    def client(self) -> httpx.AsyncClient:
        """A browser without a screen."""
        return httpx.AsyncClient(base_url=self.base, timeout=PATIENCE_MS / 1000)


@pytest.fixture
async def console(database_url: str, nursery: trio.Nursery) -> AsyncIterator[RunningConsole]:
    """A console of the test's station."""
    running = RunningConsole(database_url, nursery)
    await running.start()
    yield running
    await running.stop()


def csrf_in(page: str) -> str:
    """The token that a page of ours carries in its forms."""
    return page.split('name="csrf" value="')[1].split('"')[0]


async def try_sign_on(client: httpx.AsyncClient, name: str, password: str = PASSWORD) -> httpx.Response:
    """Fill in the form at the door."""
    door = await client.get("/sign-on")
    return await client.post("/sign-on", data={"csrf": csrf_in(door.text), "name": name, "password": password})


class LiveStream:
    """The live stream as it comes over the wire."""

    def __init__(self, wire: trio.SocketStream) -> None:
        self._wire = wire
        self._unread = ""

    async def until(self, event: str, text: str) -> None:
        """Read on to an event of this name whose data hold `text`.

        Raises:
            EOFError: the stream ended before.
        """
        while True:
            while "\n\n" in self._unread:
                message, _, self._unread = self._unread.partition("\n\n")
                head, _, data = message.partition("\ndata: ")
                if head.endswith(f"event: {event}") and text in data:
                    return
            received = await self._wire.receive_some()
            if not received:
                raise EOFError("the stream ended")
            self._unread += received.decode()


@contextlib.asynccontextmanager
async def open_stream(port: int, token: str) -> AsyncIterator[LiveStream]:
    """Follow the stream of the session that `token` stands for."""
    async with await trio.open_tcp_stream("127.0.0.1", port) as wire:
        await wire.send_all(f"GET /stream HTTP/1.1\r\nHost: x\r\nCookie: sereno_session={token}\r\n\r\n".encode())
        yield LiveStream(wire)


@attrs.frozen
class SignedOnClient:
    """An operator's session, without a screen."""

    http: httpx.AsyncClient
    csrf: str

    def stream(self) -> contextlib.AbstractAsyncContextManager[LiveStream]:
        """This session's live stream."""
        return open_stream(self.http.base_url.port or 0, self.http.cookies["sereno_session"])

    async def post(self, path: str, **fields: str) -> httpx.Response:
        """What a form of the page would send."""
        return await self.http.post(path, data={"csrf": self.csrf, **fields})


@pytest.fixture
async def ana(seed: Seed) -> Operator:
    """An operator."""
    return await seed.operator("Ana Sousa")


@pytest.fixture
async def ana_client(console: RunningConsole, ana: Operator) -> AsyncIterator[SignedOnClient]:
    """Ana's session."""
    async with console.client() as client:
        assert (await try_sign_on(client, ana.name)).status_code == 303
        yield SignedOnClient(client, csrf_in((await client.get("/")).text))


class Visitor:
    """One browser profile and its page; what is done with it happens in the browser's thread."""

    def __init__(self, thread: concurrent.futures.Executor, page: Page, console: RunningConsole) -> None:
        self._thread = thread
        self._page = page
        self._console = console

    async def __call__(self, steps: Callable[[Page], T]) -> T:
        """Carry out `steps` on the page."""
        return await _in_thread(self._thread, lambda: steps(self._page))

    async def open(self, path: str) -> None:
        """Go to a page of the console."""
        await self(lambda page: page.goto(self._console.base + path))

    async def sign_on(self, name: str) -> None:
        """Sign on, by keyboard alone."""

        def steps(page: Page) -> None:
            page.goto(f"{self._console.base}/sign-on")
            expect(page.locator("#name")).to_be_focused()
            page.keyboard.type(name)
            page.keyboard.press("Tab")
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_selector("#queue")

        await self(steps)


async def _in_thread(thread: concurrent.futures.Executor, work: Callable[[], T]) -> T:
    return await trio.to_thread.run_sync(thread.submit(work).result)


class RealBrowser:
    """Chromium; each visitor has a profile of its own."""

    def __init__(self) -> None:
        self._thread = concurrent.futures.ThreadPoolExecutor(1)
        self._playwright, self._browser = self._thread.submit(self._launch).result()

    @staticmethod
    def _launch() -> tuple[Playwright, Browser]:
        # trio-asyncio would hand out its own loops here.
        asyncio.set_event_loop_policy(asyncio.DefaultEventLoopPolicy())
        expect.set_options(timeout=PATIENCE_MS)
        playwright = sync_playwright().start()
        return playwright, playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)

    async def send_visitors_home(self) -> None:
        """Close all pages: those of earlier tests would knock at consoles that are gone."""

        def close() -> None:
            for context in self._browser.contexts:
                context.close()

        await _in_thread(self._thread, close)

    async def visitor(self, console: RunningConsole) -> Visitor:
        """Somebody new."""

        def open_page() -> Page:
            page = self._browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(PATIENCE_MS)
            return page

        return Visitor(self._thread, await _in_thread(self._thread, open_page), console)

    def close(self) -> None:
        """End Chromium and its thread."""
        self._thread.submit(self._browser.close).result()
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line for all screens that were not tested."""
    if _CHROMIUM is None:
        terminalreporter.write_line(_NO_CHROMIUM, red=True, bold=True)


@pytest.fixture
async def browser(chromium: RealBrowser) -> AsyncIterator[RealBrowser]:
    """Chromium without visitors."""
    yield chromium
    await chromium.send_visitors_home()


@pytest.fixture(scope="session")
def chromium() -> Iterator[RealBrowser]:
    """Chromium, or a loud skip; with SERENO_REQUIRE_BROWSER=1 its absence is a failure."""
    if _CHROMIUM is None:
        if os.environ.get("SERENO_REQUIRE_BROWSER") == "1":
            pytest.fail(_NO_CHROMIUM)
        pytest.skip(_NO_CHROMIUM)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Playwright's own pipes
        running = RealBrowser()
        yield running
        running.close()
