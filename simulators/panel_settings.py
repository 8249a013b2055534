"""What an installer typed into a panel.

In: the CSV of accounts that a station imports. Out: `PanelSettings`. How a panel talks (format, transport, texts)
is not in that file: each account draws it from its own number, so that a fleet is mixed and yet always the same.
"""

from __future__ import annotations

import csv
import enum
import pathlib
import random
from collections.abc import Mapping

import attrs

from simulators.frames import Identity
from simulators.reports import Format


class Transport(enum.Enum):
    """How a panel reaches its receiver."""

    #: One connection, kept open.
    TCP = "tcp"
    #: A connection for each message.
    TCP_EACH = "tcp-each"
    UDP = "udp"


@attrs.frozen
class Zone:
    """A detector, or a group of them."""

    number: str
    name: str
    area: str


@attrs.frozen(kw_only=True)
class PanelSettings:
    """One panel."""

    identity: Identity
    form: Format = Format.SIA_DCS
    transport: Transport = Transport.TCP
    #: Encoding of the installer's texts.
    encoding: str = "utf-8"
    #: Clear messages need no time; encrypted ones always carry it.
    stamps_clear: bool = True
    #: A link test is sent after so much silence.
    link_test_s: float = 60.0
    premises: str = ""
    language: str = "en"
    areas: tuple[str, ...] = ("1",)
    zones: tuple[Zone, ...] = (Zone("001", "", "1"),)
    users: tuple[str, ...] = ()


def read_csv(path: pathlib.Path) -> list[PanelSettings]:
    """The panels of an account file.

    Raises:
        OSError: the file can't be read.
        ValueError: a row is not an account.
    """
    with path.open(encoding="utf-8", newline="") as file:
        return [_panel(row, f"{path}, line {line}") for line, row in enumerate(csv.DictReader(file), start=2)]


def _panel(row: Mapping[str, str], where: str) -> PanelSettings:
    account = row.get("account", "").strip()
    draw = random.Random(account)
    try:
        return PanelSettings(
            identity=Identity(
                account=account,
                prefix=row.get("prefix") or "0",
                receiver=row.get("receiver") or None,
                key=panel_key(row.get("key", ""), row.get("key_format", "hex")),
            ),
            form=draw.choices([Format.SIA_DCS, Format.ADM_CID], [65, 35])[0],
            transport=draw.choices([*Transport], [55, 20, 25])[0],
            encoding=draw.choices(["utf-8", "cp1252"], [75, 25])[0],
            stamps_clear=draw.random() < 0.6,
            # Half of what the centre allows: one lost link test is no lost panel.
            link_test_s=float(row.get("supervision_s") or 240) / 2,
            premises=row.get("premises", ""),
            language=row.get("language") or "en",
            areas=tuple(fields[0] for fields in _list(row.get("areas", ""))) or ("1",),
            zones=tuple(Zone(*fields) for fields in _list(row.get("zones", ""))) or (Zone("001", "", "1"),),
            users=tuple(fields[0] for fields in _list(row.get("contacts", ""))),
        )
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from error


def panel_key(text: str, key_format: str) -> bytes | None:
    """A panel key as typed: `hex` digits or `ascii` characters; None if empty.

    Raises:
        ValueError: not a key of AES-128, 192 or 256.
    """
    if not text:
        return None
    try:
        key = bytes.fromhex(text) if key_format == "hex" else text.encode("ascii")
    except ValueError:
        raise ValueError(f"the panel key is not written in {key_format}") from None
    if len(key) not in (16, 24, 32):
        raise ValueError(f"a panel key has 16, 24 or 32 bytes, not {len(key)}")
    return key


def _list(text: str) -> list[list[str]]:
    """`1|House; 2|Garage` as fields."""
    return [[field.strip() for field in item.split("|")] for item in text.split(";") if item.strip()]
