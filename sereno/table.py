"""Lines of a table for a terminal.

In: texts, some of them sent by strangers. Out: a line in which none of them can move the cursor.
"""

from __future__ import annotations

from collections.abc import Sequence


def table_line(values: Sequence[str], widths: Sequence[int]) -> str:
    """The values side by side, each at least as wide as told; a longer one pushes the rest to the right."""
    cells = [printable(value).ljust(width) for value, width in zip(values, widths, strict=True)]
    return "  ".join(cells).rstrip()


def printable(text: str) -> str:
    """`text` with a question mark for each control character."""
    return "".join(character if character.isprintable() else "?" for character in text)
