"""Settings: by flag, by `SERENO_*` in the environment, by `sereno.toml`, in that order of precedence.

In: the command line. Out: frozen values; cyclopts reads all three sources into them.
"""

from __future__ import annotations

import pathlib

import attrs
from cyclopts import Parameter


@Parameter(name="*")
@attrs.frozen(kw_only=True)
class Where:
    """Which station a command means."""

    data: pathlib.Path = pathlib.Path("var")
    """The station's folder: its database, its station key, its address while it runs."""

    database_url: str | None = None
    """PostgreSQL to use instead of the station's own, as postgresql://user@host/database."""
