"""The auditor as a process: how it is run.

In: a database URL, the station's folder, settings. Out: the auditor runs until SIGTERM or SIGINT, or until the
supervisor is gone.
"""

from __future__ import annotations

import functools
import pathlib

from sereno.auditor_settings import Auditing
from sereno.roles import run_role
from sereno.settings import Inherited, MetricsDoor


def auditor(url: str, data: pathlib.Path, auditing: Auditing, metrics: MetricsDoor, handed: Inherited) -> None:
    """Watch the engine and take heads until told to end. `data` is where the heads and their key lie."""
    from dispatcher.auditor.process import run_auditor
    from dispatcher.auditor.settings import AuditorSettings, Tolerances

    settings = AuditorSettings(
        data=data,
        tolerances=Tolerances(
            due_s=auditing.auditor_due_s,
            unread_s=auditing.auditor_unread_s,
            queued_s=auditing.auditor_queued_s,
            sending_s=auditing.auditor_sending_s,
        ),
        heartbeat_url=auditing.heartbeat_url,
        heads_to=auditing.heads_to,
        heads_url=auditing.heads_url,
    )
    run_role("auditor", functools.partial(run_auditor, url, settings), metrics, handed)
