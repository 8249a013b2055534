"""A head each hour: taken, signed, kept, and sent to another host.

In: the database and the key. Out: files in the station's folder and elsewhere, and what is the matter if that fails or
if the station holds less than an earlier head saw. It goes on through every loss of the database and of the other host.
"""

from __future__ import annotations

import datetime as dt
import pathlib
from typing import Final

import httpx
import structlog
import trio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatcher.auditor.head_files import (
    Unusable,
    head_paths,
    heads_folder,
    load_or_make_key,
    read_heads,
    write_head,
)
from dispatcher.auditor.matters import Matter, Matters
from dispatcher.auditor.sending import NotSent, copy_heads, post_heads, same_disk
from dispatcher.auditor.settings import AuditorSettings
from station.chain import Altered
from station.errors import StoreUnavailable
from station.heads import Expected, check_signature, sign
from station.store.database import Database
from station.store.heads import next_head

log = structlog.get_logger()

#: Failures in a row until an operator hears of it.
_PATIENCE: Final = 2


class HeadKeeper:
    """The heads of one station."""

    def __init__(
        self, database: Database, settings: AuditorSettings, matters: Matters, client: httpx.AsyncClient
    ) -> None:
        self._database = database
        self._settings = settings
        self._matters = matters
        self._client = client
        self._folder = heads_folder(settings.data)
        self._expected = Expected()
        self._failures = 0

    async def keep(self) -> None:
        """Take and send, for ever."""
        await self._say_where()
        due = trio.current_time()
        key: Ed25519PrivateKey | None = None
        while True:
            failed = ""
            try:
                if key is None:
                    key = await self.load()
                    due = trio.current_time() + self._next_in_s()
                if trio.current_time() >= due:
                    await self.take(key)
                    due = trio.current_time() + self._settings.head_every_s
                await self.send()
            except (StoreUnavailable, NotSent, Unusable) as error:
                failed = str(error)
            except OSError as error:
                failed = f"{error.filename or self._folder}: {error.strerror or error}"
            self._note(failed)
            wait_s = self._settings.head_retry_s if failed else due - trio.current_time()
            await trio.sleep(max(0.0, min(wait_s, self._settings.head_every_s)))

    async def load(self) -> Ed25519PrivateKey:
        """Take in the heads that there are; the key that signs the next.

        Raises:
            Unusable: a file holds no head, or no key.
            OSError: the folder can't be used.
        """
        self._folder.mkdir(mode=0o700, exist_ok=True)
        key = load_or_make_key(self._settings.data)
        expected = Expected()
        for signed in read_heads(head_paths([self._folder])):
            try:
                # What a head itself says of less or other was reported when it was taken.
                check_signature(signed, key.public_key())
                expected.check_place(signed.head)
            except Altered as altered:
                self._note_altered(altered)
            expected.apply(signed.head)
            await trio.lowlevel.checkpoint()
        self._expected = expected
        return key

    def _next_in_s(self) -> float:
        """Seconds until the next head is due."""
        if self._expected.last is None:
            return 0.0
        age_s = (dt.datetime.now(dt.UTC) - self._expected.last.at).total_seconds()
        return min(max(0.0, self._settings.head_every_s - age_s), self._settings.head_every_s)

    async def take(self, key: Ed25519PrivateKey) -> pathlib.Path:
        """One head more, in the station's own folder.

        Raises:
            StoreUnavailable: the database does not answer.
            OSError: it can't be written.
        """
        head = await next_head(self._database, self._expected)
        try:
            self._expected.check(head)
        except Altered as altered:
            self._note_altered(altered)
        path = write_head(self._folder, sign(head, key))
        self._expected.apply(head)
        log.info("head_taken", number=head.number, incidents=head.incidents, signals=head.signals)
        return path

    async def send(self) -> None:
        """All that was not sent yet, to all that are to have it.

        Raises:
            NotSent: something was not sent.
        """
        why = []
        if self._settings.heads_to is not None:
            try:
                await copy_heads(self._folder, self._settings.heads_to)
            except NotSent as error:
                why.append(str(error))
        if self._settings.heads_url is not None:
            try:
                await post_heads(self._client, self._folder, self._settings.heads_url)
            except NotSent as error:
                why.append(str(error))
        if why:
            raise NotSent("; ".join(why))

    async def _say_where(self) -> None:
        to = self._settings.heads_to
        if to is None and self._settings.heads_url is None:
            log.warning(
                "heads_stay_on_this_host",
                folder=str(self._folder),
                why="who can rewrite the database can rewrite them too: set heads_to or heads_url",
            )
        elif to is not None and await same_disk(self._settings.data, to):
            log.warning("heads_stay_on_this_disk", folder=str(to), why="nothing is mounted there from another host")

    def _note(self, failed: str) -> None:
        now = dt.datetime.now(dt.UTC)
        if not failed:
            self._failures = 0
            self._matters.end(Matter.HEADS, "Heads are taken and sent again.", now)
            return
        self._failures += 1
        log.error("head_not_sent", why=failed, failures=self._failures)
        if self._failures >= _PATIENCE:
            self._matters.raise_(
                Matter.HEADS, f"The proof that nobody rewrote the station's history is not sent: {failed}.", now
            )

    def _note_altered(self, altered: Altered) -> None:
        log.error("history_altered", why=str(altered))
        text = f"The station's history is not what it was: {altered}. Call an administrator; run `sereno audit verify`."
        self._matters.happened(Matter.HISTORY, text, dt.datetime.now(dt.UTC))
