"""How the receiver makes itself heard: a program that it runs, and a web address that it calls.

In: what happened, and the settings. Out: a noise, as far as one can be made; what fails is logged, and tried again at
the next cry. Neither may hold the receiver up: both have a time limit.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Final

import structlog
import trio

log = structlog.get_logger()

#: What has not ended by then is ended.
TIME_LIMIT_S: Final = 20.0
_HTTP_TIMEOUT_S: Final = 10.0


async def run_program(words: Sequence[str], text: str) -> None:
    """Run a program, without a shell; it finds `text` in its environment, as SERENO_UNATTENDED."""
    # Our own settings may hold the database's password: none of a sound's business.
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SERENO_")}
    environment = ours | {"SERENO_UNATTENDED": text}
    try:
        with trio.move_on_after(TIME_LIMIT_S) as scope:
            ended = await trio.run_process(
                list(words),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
            if ended.returncode:
                log.error("unattended_command_failed", program=words[0], exit_code=ended.returncode)
    except OSError as error:
        log.error("unattended_command_failed", program=words[0], why=str(error))
        return
    if scope.cancelled_caught:
        log.error("unattended_command_failed", program=words[0], why=f"it ran for more than {TIME_LIMIT_S:.0f} s")


async def call_webhook(url: str, body: Mapping[str, object]) -> None:
    """POST `body` as JSON to `url`; any 2xx will do. The address itself may be a secret: only its host is logged."""
    host = urllib.parse.urlsplit(url).hostname
    try:
        with trio.move_on_after(TIME_LIMIT_S) as scope:
            status = await trio.to_thread.run_sync(_post, url, json.dumps(body).encode(), abandon_on_cancel=True)
            if not 200 <= status < 300:
                log.error("unattended_webhook_failed", host=host, status=status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.error("unattended_webhook_failed", host=host, why=type(error).__name__)
        return
    if scope.cancelled_caught:
        log.error("unattended_webhook_failed", host=host, why=f"no answer within {TIME_LIMIT_S:.0f} s")


def _post(url: str, body: bytes) -> int:
    parts = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_HTTP_TIMEOUT_S)
    try:
        target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        connection.request("POST", target, body, {"Content-Type": "application/json"})
        return connection.getresponse().status
    finally:
        connection.close()
