"""An account: who reports to us, what stands there, and whom we call.

In: nothing. Out: `Account` and its parts, as plain values. How their parts are written by people is in
`account_texts.py`. An account is found by its number, and by the prefix and receiver that DC-09 frames carry beside it.
"""

from __future__ import annotations

import enum

import attrs

from station.languages import Language
from station.paths import Path, every


class KeyFormat(enum.Enum):
    """How the installer typed the panel key: the same text is another key. The values are those of SQL `key_format`."""

    HEX = "hex"
    ASCII = "ascii"
    # 32 characters that may be either: the secret is the text, and receivers try both.
    AUTO = "auto"


@attrs.frozen
class PanelKey:
    """The AES key that a panel shares with us: 16, 24 or 32 bytes."""

    secret: bytes = attrs.field(repr=False)
    key_format: KeyFormat


@attrs.frozen
class Area:
    """A part of the premises that is armed by itself. `number` as the panel sends it."""

    number: str
    name: str


@attrs.frozen
class Zone:
    """One detector or group of them. `number` and `area` as the panel sends them."""

    number: str
    name: str
    area: str | None


@attrs.frozen
class Contact:
    """A person to call. `phone` is E.164; `language` is what we speak to them."""

    name: str
    phone: str
    language: Language


@attrs.frozen(kw_only=True)
class Account:
    """One panel and what we know of the place that it guards. Empty texts and None mean: not known."""

    #: Letters and digits, upper case, leading zeros kept.
    number: str
    #: DC-09 fields L and R: hexadecimal, upper case, no leading zeros. None answers to any.
    prefix: str | None = None
    receiver: str | None = None
    name: str = ""
    #: home, shop, bank, pharmacy ...
    premises: str = ""
    address: str = ""
    city: str = ""
    #: ISO 3166-1 alpha-2.
    country: str = ""
    language: Language = Language.EN
    #: IANA name.
    time_zone: str = "UTC"
    key: PanelKey | None = None
    #: A test report comes this often; whole days count by local time.
    test_every_s: int | None = None
    #: EN 50131-1, from 1 to 4.
    grade: int | None = None
    #: How far the time in an encrypted frame may lie from ours (DC-09 5.5.1.9).
    window_past_s: int = 40
    window_future_s: int = 20
    #: What lies outside is marked and ACKed, not NAKed.
    observe_window: bool = False
    #: A key is being brought into use: what proves nothing is marked and ACKed, not answered DUH.
    enrolling: bool = False
    notes: str = ""
    areas: tuple[Area, ...] = ()
    zones: tuple[Zone, ...] = ()
    #: In the customer's order: the first is the principal.
    contacts: tuple[Contact, ...] = ()
    #: The ways by which it reports, by number; none: it is not supervised.
    paths: tuple[Path, ...] = ()

    @property
    def supervision_s(self) -> int | None:
        """How often it reports, where no more than that is known of its paths."""
        interval_s = self.paths[0].interval_s if len(self.paths) == 1 else None
        return interval_s if interval_s is not None and self.paths == (every(interval_s),) else None

    @property
    def answers_to(self) -> tuple[str, str | None, str | None]:
        """Number, prefix and receiver: no two accounts share all three."""
        return self.number, self.prefix, self.receiver
