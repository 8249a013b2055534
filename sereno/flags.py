"""Settings as flags again: how the supervisor hands what it was given down to a role.

In: frozen groups of settings. Out: the words of a command line. What the user wrote into the environment or into
`sereno.toml` would reach the role by itself; what was said on the command line only reaches it here.
"""

from __future__ import annotations

import json
from typing import cast

import attrs

from sereno.link_settings import written


def flags_of(*groups: attrs.AttrsInstance) -> list[str]:
    """The flags that set these groups to what they are; nothing for what is not set, nor for secrets."""
    words: list[str] = []
    for group in groups:
        for field in attrs.fields(type(group)):
            # What is not shown in a repr is not shown to whoever lists processes either.
            if field.repr is not False:
                words += _flag(field, getattr(group, field.name))
    return words


def secrets_of(group: attrs.AttrsInstance) -> dict[str, str]:
    """What `flags_of` leaves out, as variables of the environment."""
    found: dict[str, str] = {}
    for field in attrs.fields(type(group)):
        value = getattr(group, field.name)
        if attrs.has(type(value)):
            found |= secrets_of(value)
        elif field.repr is False and value is not None:
            found[f"SERENO_{field.name.upper()}"] = str(value)
    return found


def _flag(field: attrs.Attribute[object], value: object) -> list[str]:
    name = field.name.replace("_", "-")
    match value:
        # Even where there are none: a second receiver must not find them in `sereno.toml`.
        case tuple() if field.name == "links":
            return [f"--{name}", written(value)]
        case None | ():
            return []
        case _ if attrs.has(type(value)):
            return flags_of(cast(attrs.AttrsInstance, value))
        case bool():
            if value == field.default:
                return []
            return [f"--{name}" if value else f"--no-{name}"]
        case tuple():
            return [word for one in value for word in (f"--{name}", one if isinstance(one, str) else json.dumps(one))]
        case _:
            return [f"--{name}", str(value)]
