"""Logs: one event a line, as key=value for a terminal and as JSON elsewhere; no line holds a secret.

In: `structlog` calls of every module, and warnings of libraries that use `logging`. Out: lines on standard error.
"""

from __future__ import annotations

import logging
import pathlib
import re
import shutil
import sys
from typing import Final, Literal

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

#: A role's log file over this size becomes `<file>.1`; the one before is dropped.
ROTATE_BYTES: Final = 20_000_000

_SECRET = re.compile(r"(^|_)(key|keys|password|passwords|token|secret|cookie)$", re.IGNORECASE)
_PHONE = re.compile(r"(\+\d{3})\d{3,10}(\d{2})\b")


def set_up_logs(log_format: Literal["auto", "text", "json"]) -> None:
    """Send every event of this process to standard error, in this form."""
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_secrets,
    ]
    # Tracebacks without the values of local variables, which structlog shows by default: one may be a password.
    frames = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
    on_terminal = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    written: list[Processor] = [frames, structlog.processors.JSONRenderer()] if as_json else [on_terminal]
    structlog.configure(
        processors=[*before, *written],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _take_over_logging(before, written)


def _take_over_logging(before: list[Processor], written: list[Processor]) -> None:
    """Libraries that use `logging` write the same kind of lines."""
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[remove, *written]))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def without_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A processor: values named as secrets are left out, phone numbers keep their ends only."""
    return {
        name: "(left out)" if _SECRET.search(name) else _masked(value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def _masked(text: str) -> str:
    return _PHONE.sub(r"\1***\2", text)


def rotate(path: pathlib.Path, limit_bytes: int = ROTATE_BYTES) -> None:
    """Start the file anew when it is too long. Its writer appends, so it goes on at the new beginning."""
    if path.exists() and path.stat().st_size > limit_bytes:
        shutil.copyfile(path, path.with_name(f"{path.name}.1"))
        with path.open("r+b") as file:
            file.truncate(0)


def last_lines(path: pathlib.Path, lines: int = 5) -> str:
    """The end of a log file, to be shown below a message."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not there, or not to be read: then the message stands alone
        return ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-lines:])
