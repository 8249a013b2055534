"""Operators: who works at the consoles, and what each may do.

In: nothing. Out: `Operator` and `Role`.
"""

from __future__ import annotations

import enum

import attrs

from station.languages import Language


class Role(enum.Enum):
    """What an operator may do. The values are those of the SQL enum `operator_role`."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@attrs.frozen
class Operator:
    """A person who signs on. `id` is what incidents and the audit trail record; names may change."""

    id: int
    name: str
    role: Role
    language: Language

    @property
    def actor(self) -> str:
        """How the event chain names this person."""
        return f"operator:{self.id}"
