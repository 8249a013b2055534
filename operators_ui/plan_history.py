"""What the engine, guards and agencies did, in words: the part of an incident's history that plans write.

In: an event. Out: what it says in the reader's language, or None if it is none of these.
"""

from __future__ import annotations

from operators_ui import plan_words
from operators_ui.pages import Pages
from operators_ui.words import msgid
from station.incident_events import Happening
from station.plan_events import (
    Alerted,
    CancelBegan,
    CancelBroken,
    CancelStood,
    EffectMoved,
    EffectPlanned,
    Judged,
    Planned,
    Stepped,
)
from station.response_events import (
    AgencyMoved,
    Answered,
    Attempted,
    CounterShown,
    EvidenceNoted,
    GuardMoved,
    MemberCounted,
    Overridden,
    PasswordChecked,
)


def plan_line(pages: Pages, what: Happening) -> str | None:
    """One event in a few words."""
    return _by_engine(pages, what) or _by_people(pages, what)


def _by_engine(pages: Pages, what: Happening) -> str | None:
    text = pages.text
    match what:
        case Planned(plan=plan):
            return text(msgid("Plan: %(plan)s"), plan=plan)
        case Stepped(step=step, outcome=None):
            return text(msgid("Step: %(step)s"), step=step)
        case Stepped(step=step, outcome=outcome) if outcome is not None:
            said = text(plan_words.OUTCOMES[outcome])
            return text(msgid("Step: %(step)s, after: %(outcome)s"), step=step, outcome=said)
        case Judged(confirmed=True, article=article):
            return text(msgid("Confirmed: %(article)s"), article=article)
        case Judged(ground=True, article=article):
            return text(msgid("Ground to tell police: %(article)s"), article=article)
        case Judged():
            return text(msgid("Not confirmed"))
        case EffectPlanned(no=no, template=template):
            return text(msgid("Message %(no)s: %(template)s"), no=no, template=template)
        case EffectMoved(no=no, state=state, why=why):
            said = text(plan_words.EFFECTS[state])
            return text(msgid("Message %(no)s: %(state)s %(why)s"), no=no, state=said, why=why)
        case Alerted(what=alert):
            return text(plan_words.ALERTS[alert])
        case CancelBegan(user=user):
            return text(msgid("Disarmed at once by user %(user)s: nobody calls"), user=user)
        case CancelBroken(why=why):
            return text(msgid("It is an alarm after all: %(why)s"), why=text(plan_words.BROKEN[why]))
        case CancelStood():
            return text(msgid("Taken back by the customer"))
        case MemberCounted(members=members, open=open_):
            return text(msgid("%(members)s sites, %(open)s of them not back"), members=members, open=open_)
        case _:
            return None


def _by_people(pages: Pages, what: Happening) -> str | None:
    text = pages.text
    match what:
        case Attempted(line=line, outcome=outcome):
            said = text(plan_words.CALLS[outcome])
            return text(msgid("Call (%(line)s): %(outcome)s"), line=text(plan_words.LINES[line]), outcome=said)
        case PasswordChecked(heard=heard):
            return text(plan_words.HEARD[heard])
        case CounterShown():
            return text(msgid("Counter-password shown"))
        case Answered(step=step, outcome=outcome):
            said = text(plan_words.OUTCOMES[outcome])
            return text(msgid("%(step)s: %(outcome)s"), step=step, outcome=said)
        case EvidenceNoted(kind=kind):
            return text(plan_words.EVIDENCE.get(kind, kind.value))
        case GuardMoved(no=no, state=state, report=report):
            found = "" if report is None else text(plan_words.REPORTS[report])
            said = text(plan_words.GUARD[state])
            return text(msgid("Guard %(no)s %(state)s %(report)s"), no=no, state=said, report=found)
        case AgencyMoved(service=service, state=state, result=result):
            named, said = text(plan_words.SERVICES[service]), text(plan_words.AGENCY[state])
            return text(msgid("%(service)s: %(state)s %(result)s"), service=named, state=said, result=result)
        case Overridden(step=step):
            return text(msgid("Passed over: %(step)s"), step=step)
        case _:
            return None
