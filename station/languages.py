"""The languages of a station: what a text can be shown or spoken in.

In: nothing. Out: `Language`, used by accounts, contacts, operators and the code tables.
"""

from __future__ import annotations

import enum


class Language(enum.Enum):
    """ISO 639-1 code of a language that every user-visible text exists in."""

    ES = "es"
    PT = "pt"
    EN = "en"
