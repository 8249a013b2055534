"""A station's own PostgreSQL, whose files a test may back up, and a folder to do so."""

from __future__ import annotations

import contextlib
import pathlib
from collections.abc import AsyncIterator, Iterator

import attrs
import pytest

from sereno.backup import archive
from sereno.backup.archive import Base
from sereno.backup.archiver import ArchiverSettings
from sereno.backup.backup_key import BackupKey, backup_key_file, load_or_make
from sereno.backup.base import make_base
from sereno.backup.chain import begin_once
from sereno.backup.shipping import Shipping
from sereno.backup.source import Source
from sereno.embedded_postgres import SUPERUSER, prepare
from station.store import wal
from station.store.database import Database, Session, open_database
from station.store.install import install
from tests.proof.restored import running


@attrs.frozen
class Home:
    """A data folder whose database runs, and a folder for backups."""

    data: pathlib.Path
    target: pathlib.Path
    url: str
    owner: Database
    key: BackupKey

    @property
    def source(self) -> Source:
        return Source(self.url, self.data / "postgres" / "data")

    @property
    def key_file(self) -> pathlib.Path:
        return backup_key_file(self.data)

    def archiving(self, *, report_after_s: float = 900.0) -> ArchiverSettings:
        """An archiver that does not wait long."""
        return ArchiverSettings(
            source=self.source,
            target=self.target,
            key=self.key,
            keep_days=14,
            ship_every_s=0.1,
            retry_s=0.1,
            report_after_s=report_after_s,
        )

    @contextlib.asynccontextmanager
    async def chain(self) -> AsyncIterator[tuple[Session, Shipping]]:
        """A chain that somebody begins by hand, and a session to go on with it."""
        async with open_database(self.url, wal.ROLE) as database, database.dedicated() as session:
            yield session, await begin_once(session, self.target, self.key, self.source.wal)

    async def back_up(self) -> Base:
        """As `sereno backup` does."""
        async with self.chain() as (session, shipping):
            return await make_base(self.source, session, shipping, fast=True)


@pytest.fixture
async def home(tmp_path: pathlib.Path) -> AsyncIterator[Home]:
    data, target = tmp_path / "data", tmp_path / "target"
    data.mkdir()
    target.mkdir()
    archive.prepare(target)
    cluster = await prepare(data / "postgres")
    async with running(cluster, "max_slot_wal_keep_size=64MB") as url, open_database(url, SUPERUSER) as owner:
        await install(owner, demo=False)
        await wal.make_role(owner)
        yield Home(data, target, url, owner, load_or_make(data)[0])


@pytest.fixture
def key() -> BackupKey:
    return BackupKey.generate()


def damage(path: pathlib.Path, at: int) -> None:
    """Turn one bit over."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def files_in(folder: pathlib.Path) -> Iterator[pathlib.Path]:
    """All files below a folder."""
    return (path for path in folder.rglob("*") if path.is_file())
