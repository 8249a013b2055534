"""Prometheus metrics: each role's own page, and one page for the whole station.

In: the default registry of a process; for the station's page, the pages of its roles. Out: the same families with a
label `role`, and beside them which processes are up and how often each was started again.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import structlog
from prometheus_client import CollectorRegistry, disable_created_metrics, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import REGISTRY, Collector

from sereno.settings import MetricsDoor
from sereno.sockets import refusal
from sereno.supervisor import Child
from station.store.install import SCHEMA_VERSION

#: A role that does not answer by then is left out of the page.
FETCH_TIMEOUT_S: Final = 2.0

log = structlog.get_logger()


def serve_metrics(door: MetricsDoor, registry: Collector = REGISTRY) -> int:
    """Serve a registry from a thread of its own; gives the port.

    Raises:
        PortTaken: another program listens there.
        CannotRun: the address is not ours, or the port is not allowed.
    """
    # Else each counter gets a second series, that nobody asks for.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # the package leaves it untyped
    try:
        server, _ = start_http_server(door.metrics_port, door.metrics_address, registry)
    except OSError as error:
        raise refusal(error, door.metrics_address, door.metrics_port, "metrics", "TCP") from error
    return server.server_port


class StationPage(Collector):
    """The metrics of all children, which may come and go."""

    def __init__(self, children: Sequence[Child]) -> None:
        self._children = children

    def collect(self) -> Iterator[Metric]:
        """What one scrape sees."""
        up = GaugeMetricFamily("sereno_process_up", "1 while the process runs and is ready.", labels=["role"])
        restarts = CounterMetricFamily("sereno_process_restarts", "Times it was started again.", labels=["role"])
        for child in self._children:
            up.add_metric([child.program.name], float(child.up))
            restarts.add_metric([child.program.name], child.restarts)
        built = GaugeMetricFamily("sereno_build_info", "What runs here; always 1.", labels=["version", "schema"])
        built.add_metric([_version(), str(SCHEMA_VERSION)], 1)
        yield from (up, restarts, built)
        yield from merged({child.program.name: text for child in self._children if (text := _page_of(child))})


def merged(pages: dict[str, str]) -> Iterable[Metric]:
    """One family for each name on any page; every sample gets the label `role` of the page that it stood on."""
    families: dict[str, Metric] = {}
    for role, page in pages.items():
        for family in text_string_to_metric_families(page):
            whole = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            whole.samples += [sample._replace(labels={**sample.labels, "role": role}) for sample in family.samples]
    return families.values()


def station_registry(children: Sequence[Child]) -> CollectorRegistry:
    """The registry behind the station's page."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StationPage(children))
    return registry


def _version() -> str:
    try:
        return version("sereno")
    except PackageNotFoundError:
        return "not installed"


def _page_of(child: Child) -> str | None:
    """The role's page; None if it has none now. It may end at any moment of this."""
    port = child.metrics_port
    if port is None:
        return None
    role = http.client.HTTPConnection("127.0.0.1", port, timeout=FETCH_TIMEOUT_S)
    try:
        role.request("GET", "/metrics")
        return role.getresponse().read().decode()
    except (OSError, http.client.HTTPException) as error:
        log.warning("metrics_missing", role=child.program.name, why=str(error))
        return None
    finally:
        role.close()
