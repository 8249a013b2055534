"""Named queries, kept in `.sql` files: a line `-- name: something`, a line that says what it does, then the SQL.

In: the path of a module. Out: the queries of the `.sql` file beside it, by name.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Mapping

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def queries_beside(module: str) -> Mapping[str, str]:
    """The named queries in the `.sql` file next to `module` (pass `__file__`)."""
    text = pathlib.Path(module).with_suffix(".sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True))
