"""Words for action plans on the screens: outcomes, agencies, guards, evidence, messages, reasons.

In: values of `station`. Out: English words, which are the keys of the other languages' texts (`texts/*.po`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from dispatcher.legal.to_tell import Item
from operators_ui.words import msgid
from station.action_plans import Armed, Outcome
from station.evidence import EvidenceKind
from station.plan_events import Alert, Broken, EffectState
from station.responders import AgencyState, GuardState, Position, Report, Service
from station.response_events import CallOutcome, Heard, Line

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.ANSWERED: msgid("answered"),
    Outcome.NO_ANSWER: msgid("no answer"),
    Outcome.EXHAUSTED: msgid("nobody left to call"),
    Outcome.MATCH: msgid("password right"),
    Outcome.NO_MATCH: msgid("password wrong"),
    Outcome.REFUSED: msgid("password not said"),
    Outcome.REAL: msgid("it is real"),
    Outcome.FALSE_ALARM: msgid("false alarm"),
    Outcome.UNSURE: msgid("does not know"),
    Outcome.SEEN: msgid("somebody is there"),
    Outcome.NOTHING: msgid("nothing to be seen or heard"),
    Outcome.UNAVAILABLE: msgid("no pictures and no sound"),
    Outcome.DAMAGE: msgid("damage found"),
    Outcome.NOBODY: msgid("no guard goes"),
    Outcome.TOLD: msgid("told, and accepted"),
    Outcome.REJECTED: msgid("told, and rejected"),
    Outcome.DONE: msgid("done"),
    Outcome.DELIVERED: msgid("delivered"),
    Outcome.UNDELIVERED: msgid("not delivered"),
    Outcome.CALL_INSTEAD: msgid("wants a call instead"),
    Outcome.ELAPSED: msgid("the time is over"),
    Outcome.RESTORED: msgid("restored"),
    Outcome.TOO_OFTEN: msgid("passed over"),
    Outcome.NOT_AGREED: msgid("not agreed, or not allowed yet"),
}

CALLS: Final[Mapping[CallOutcome, str]] = {
    CallOutcome.ANSWERED: msgid("answered"),
    CallOutcome.NO_ANSWER: msgid("no answer"),
    CallOutcome.BUSY: msgid("busy"),
    CallOutcome.MACHINE: msgid("answering machine"),
    CallOutcome.WRONG_NUMBER: msgid("wrong number"),
}

LINES: Final[Mapping[Line, str]] = {
    Line.PLACED: msgid("we called"),
    Line.INBOUND: msgid("they called us"),
    Line.PREMISES: msgid("line of the premises"),
}

HEARD: Final[Mapping[Heard, str]] = {
    Heard.MATCH: msgid("Password: match"),
    Heard.NO_MATCH: msgid("Password: no match"),
    Heard.DURESS: msgid("Password: DURESS"),
    Heard.REFUSED: msgid("Password: not said"),
}

#: What the operator reads after a password, and nobody else hears.
ADVICE: Final[Mapping[Heard, str]] = {
    Heard.MATCH: msgid("Match."),
    Heard.NO_MATCH: msgid("Do not say it was wrong. Say: thank you, we continue."),
    Heard.DURESS: msgid("DURESS: finish normally, police being told."),
    Heard.REFUSED: msgid("Not said. That is not wrong: go on with the list."),
}

SERVICES: Final[Mapping[Service, str]] = {
    Service.POLICE: msgid("Police"),
    Service.FIRE: msgid("Fire service"),
    Service.MEDICAL: msgid("Medical service"),
}

AGENCY: Final[Mapping[AgencyState, str]] = {
    AgencyState.REQUESTED: msgid("requested"),
    AgencyState.ACCEPTED: msgid("accepted"),
    AgencyState.REJECTED: msgid("rejected"),
    AgencyState.ON_THE_WAY: msgid("on the way"),
    AgencyState.ON_SCENE: msgid("on scene"),
    AgencyState.CANCEL_REQUESTED: msgid("asked to turn back"),
    AgencyState.CLOSED: msgid("closed by them"),
}

GUARD: Final[Mapping[GuardState, str]] = {
    GuardState.OFFERED: msgid("asked"),
    GuardState.ACCEPTED: msgid("accepted"),
    GuardState.DECLINED: msgid("declined"),
    GuardState.ON_THE_WAY: msgid("on the way"),
    GuardState.ON_SITE: msgid("on site"),
    GuardState.REPORTED: msgid("has reported"),
    GuardState.LEFT: msgid("left"),
}

POSITIONS: Final[Mapping[Position, str]] = {
    Position.OUTSIDE: msgid("outside"),
    Position.INSIDE: msgid("inside"),
}

REPORTS: Final[Mapping[Report, str]] = {
    Report.REAL: msgid("it is real"),
    Report.FALSE: msgid("false alarm"),
    Report.DAMAGE: msgid("damage found"),
}

EVIDENCE: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.VIDEO: msgid("I see somebody on video"),
    EvidenceKind.AUDIO: msgid("I hear it"),
    EvidenceKind.WITNESS: msgid("a witness says so"),
    EvidenceKind.CONTACT_REAL: msgid("a call for help"),
    EvidenceKind.PRESENCE: msgid("a human is there"),
    EvidenceKind.THREAT_PROPERTY: msgid("a threat to property"),
    EvidenceKind.THREAT_LIFE: msgid("a threat to life"),
}

EFFECTS: Final[Mapping[EffectState, str]] = {
    EffectState.QUEUED: msgid("waits to be sent"),
    EffectState.SENDING: msgid("being sent"),
    EffectState.ACCEPTED: msgid("taken over by the provider"),
    EffectState.DELIVERED: msgid("delivered"),
    EffectState.FAILED: msgid("NOT SENT: telephone"),
    EffectState.UNKNOWN: msgid("UNKNOWN whether it was sent: telephone"),
    EffectState.STALE: msgid("not delivered in time"),
}

ALERTS: Final[Mapping[Alert, str]] = {
    Alert.UNTAKEN_HALF: msgid("Nobody has taken it: all consoles"),
    Alert.UNTAKEN_LIMIT: msgid("Nobody has taken it: over the limit"),
    Alert.HOLDER_IDLE: msgid("Its holder does nothing"),
    Alert.STEP_OVERDUE: msgid("The step is overdue"),
    Alert.GUARD_SILENT: msgid("The guard does not answer"),
}

BROKEN: Final[Mapping[Broken, str]] = {
    Broken.MORE_ALARMS: msgid("more alarms came"),
    Broken.TAMPER_OR_PATH: msgid("a tamper or a lost path"),
    Broken.DURESS: msgid("duress"),
}

ARMED: Final[Mapping[Armed, str]] = {
    Armed.ARMED: msgid("armed"),
    Armed.PART: msgid("partly armed"),
    Armed.DISARMED: msgid("disarmed"),
}

#: The same, as the database names them.
ARMED_BY_NAME: Final[Mapping[str, str]] = {state.value: word for state, word in ARMED.items()}

#: By what means, as `station.arming` says; others are shown as they are.
MEANS: Final[Mapping[str, str]] = {
    "keypad": msgid("keypad"),
    "key": msgid("key or tag"),
    "remote": msgid("telephone or app"),
    "automatic": msgid("by itself"),
    "part": msgid("keypad"),
    "forced": msgid("with zones left out"),
}

TO_TELL: Final[Mapping[Item, str]] = {
    Item.STATION: msgid("who we are, and how to call back"),
    Item.PLACE: msgid("the exact place"),
    Item.WHAT: msgid("what the alarm is"),
    Item.ZONES: msgid("the zones, and where they lie"),
    Item.CONFIRMATION: msgid("how it was confirmed"),
    Item.OWNER: msgid("the owner"),
    Item.CONTACTS: msgid("the contacts"),
    Item.GUARD: msgid("the guard, and when he arrives"),
    Item.LEVEL: msgid("the alarm level"),
    Item.PERMIT: msgid("the permit"),
    Item.PEOPLE: msgid("who is in danger"),
}
