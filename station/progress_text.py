"""An incident's progress as JSON text, as the table `incident` keeps it, and back."""

from __future__ import annotations

import json

import cattrs.preconf.json

from station.progress import Progress

_json = cattrs.preconf.json.make_converter(omit_if_default=True)


def progress_text(progress: Progress) -> str:
    """Keys sorted, no blanks: equal progress gives equal text."""
    return json.dumps(_json.unstructure(progress), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def progress_of(text: str) -> Progress:
    """The inverse of `progress_text`; an empty text is the progress of an incident that has no plan."""
    if not text:
        return Progress()
    progress: Progress = _json.structure(json.loads(text), Progress)
    return progress
