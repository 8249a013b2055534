"""What is known of an account and does not stand in its signals: what rules need beside an incident's own history.

In: nothing. Out: `Facts`, written into the incident's chain whenever they change, so that a replay sees what was known
then. No name, number or address is in here: contacts are ids.
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from station.evidence import Evidence
from station.signals import Kind


class ContactRole(enum.Enum):
    """What a contact is to the premises. The values are those of the SQL enum `contact_role`."""

    CONTACT = "contact"
    KEYHOLDER = "keyholder"
    #: The line of the protected place.
    PREMISES = "premises"


class UserKind(enum.Enum):
    """Whose code a panel reports. The values are those of the SQL enum `panel_user_kind`."""

    ORDINARY = "ordinary"
    DURESS = "duress"
    INSTALLER = "installer"
    GUARD = "guard"


@attrs.frozen
class ContactFact:
    """One contact, in the customer's order. `hours` is JSON as kept in the database; None: at any time."""

    id: int
    role: ContactRole
    hours: str | None = None


@attrs.frozen(kw_only=True)
class Limits:
    """How long incidents may wait, in seconds (EN 50518: hold-up and fire 60 s, others 180 s). All are settings."""

    life_s: int = 60
    alarm_s: int = 180
    condition_s: int = 1800
    #: A holder of a life-safety incident who does nothing for so long is reported; of another, after `idle_s`.
    idle_life_s: int = 90
    idle_s: int = 300

    def untaken_s(self, priority: int) -> int:
        """How long an incident of this priority may wait for an operator."""
        return self.life_s if priority == 1 else self.alarm_s if priority <= 3 else self.condition_s

    def holder_s(self, priority: int) -> int:
        """How long its holder may do nothing."""
        return self.idle_life_s if priority == 1 else self.idle_s


@attrs.frozen(kw_only=True)
class Facts:
    """What rules know of an account. The defaults are those of somebody whom we do not serve."""

    country: str = ""
    grade: int | None = None
    time_zone: str = "UTC"
    #: Confirmation: the premises' own window, and how many detectors there are.
    window_s: int | None = None
    detectors: int | None = None
    dual_path: bool = False
    domestic: bool = True
    contacts: tuple[ContactFact, ...] = ()
    #: Which services are named: police, fire, medical.
    services: tuple[str, ...] = ()
    #: The contract holds guard visits.
    guard: bool = False
    #: Patrols in the order in which they are asked: their ids.
    patrols: tuple[int, ...] = ()
    #: Visits beyond the contract are billed.
    guard_billable: bool = False
    #: Power failures are telephoned: a cold room, a medical device.
    call_instead: bool = False
    #: When no message is sent unless life is at stake: JSON as kept in the database.
    quiet_hours: str | None = None
    #: Police come no more, by order of an authority.
    suspended: bool = False
    areas: int = 0
    #: One detector alone waits so long for a second before it is worked.
    multi_knock_s: int | None = None
    armed: str | None = None
    open_hours: bool | None = None
    limits: Limits = Limits()
    #: What other incidents of the account have shown within the longest window.
    earlier: tuple[Evidence, ...] = ()
    #: By whom the alarm was, if it was on test.
    on_test: bool = False


NOBODY = Facts()


@attrs.frozen
class Disarm:
    """An area was disarmed: when, where, by whom and how well that was proven."""

    at: dt.datetime
    area: str | None
    user: str | None
    user_kind: UserKind | None
    #: The contact that this user is, if the account says so.
    contact: int | None
    authenticated: bool | None


@attrs.frozen
class PanelUser:
    """Whose code a panel reports; `contact` if it is one of the account's contacts."""

    kind: UserKind
    contact: int | None


@attrs.frozen
class OnTest:
    """A test that is going on. No zones: all of them; no kinds: all but life-safety."""

    id: int
    zones: frozenset[str]
    kinds: frozenset[Kind]
