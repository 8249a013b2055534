"""The fetcher as a process: how it is run. Each fetch is a process of its own again, without any rights.

In: a database URL. Out: the fetcher runs until told to end.
"""

from __future__ import annotations

import functools

from sereno.roles import run_role
from sereno.settings import Inherited, MetricsDoor


def fetcher(url: str, metrics: MetricsDoor, handed: Inherited) -> None:
    """Get pictures and films of alarms until told to end."""
    from dispatcher.media.process import run_fetcher

    run_role("fetcher", functools.partial(run_fetcher, url), metrics, handed)
