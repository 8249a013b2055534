"""The database that is backed up: the station's own, and running.

In: which station a command means. Out: its URL and where its files lie. A database that the station was given is not
ours to copy: those who run it have the tools for it, and its files may lie on another host.
"""

from __future__ import annotations

import pathlib
import urllib.parse

import attrs

from sereno.embedded_postgres import DATABASE, SUPERUSER
from sereno.problems import CannotRun
from sereno.settings import Where
from sereno.whereabouts import database_url
from station.store import wal

NOT_OURS = (
    "This station uses a PostgreSQL of yours, and `sereno backup` copies only the station's own. Back yours up with "
    "its own tools: pg_basebackup with WAL archiving, pgBackRest, Barman, or what your cluster brings. Keep the "
    "station key (station.key) apart from that backup."
)


@attrs.frozen
class Source:
    """A running PostgreSQL in `data`, and how it is reached."""

    url: str = attrs.field(repr=False)
    data: pathlib.Path

    @property
    def wal(self) -> pathlib.Path:
        """Where it writes its log."""
        return self.data / "pg_wal"

    @property
    def replication(self) -> list[str]:
        """How PostgreSQL's own programs reach it."""
        host = urllib.parse.parse_qs(urllib.parse.urlsplit(self.url).query)["host"][0]
        return ["--host", host, "--port", "5432", "--username", wal.ROLE, "--no-password"]


def source(where: Where) -> Source:
    """The database of the station in `where.data`.

    Raises:
        CannotRun: it is not the station's own.
        SystemExit: no station runs there; the user has been told.
    """
    if where.database_url is not None and not _is_own(where.database_url, where.data):
        raise CannotRun(NOT_OURS)
    url = database_url(where)
    if not _is_own(url, where.data):
        raise CannotRun(NOT_OURS)
    return Source(url, where.data.resolve() / "postgres" / "data")


def _is_own(url: str, data: pathlib.Path) -> bool:
    # A role that the supervisor starts is given the URL of the station's own database, too.
    own = url.startswith(f"postgresql://{SUPERUSER}@/{DATABASE}?host=/")
    return own and (data / "postgres" / "data").exists()
