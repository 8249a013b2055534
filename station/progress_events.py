"""What each event adds to an incident's progress.

In: the progress before, the event, and state and priority of the incident after it. Out: the progress after it.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from station.action_plans import Outcome
from station.evidence import Evidence, EvidenceKind
from station.facts import Disarm, UserKind
from station.incident_events import (
    ClosedAs,
    Effect,
    HandedOver,
    Held,
    HoldEnded,
    IncidentEvent,
    Joined,
    LeaseExpired,
    Opened,
    TakenBy,
)
from station.plan_events import (
    SETTLED,
    Alert,
    Alerted,
    CancelBegan,
    CancelBroken,
    CancelStood,
    EffectMoved,
    EffectPlanned,
    EffectState,
    FactsChanged,
    Judged,
    Planned,
    Stepped,
    TimerDue,
)
from station.progress import (
    PASSWORD_TRIES,
    AgencyProgress,
    Cancel,
    EffectProgress,
    GuardProgress,
    Progress,
    moved_agency,
    moved_guard,
    of_outcome,
    of_report,
    of_signal,
    set_timer,
    with_evidence,
)
from station.responders import AgencyState, GuardState
from station.response_events import (
    AgencyMoved,
    Answered,
    Attached,
    Attempted,
    CallOutcome,
    Detached,
    EvidenceNoted,
    GuardMoved,
    Heard,
    Line,
    MemberCounted,
    OutageConfirmed,
    Overridden,
    PasswordChecked,
    Reviewed,
    Seconded,
    TakenOver,
)
from station.signals import Kind, Qualifier

#: How an alert is named among the timers.
_MEMBER: Final = dt.timedelta(days=1)
TIMER_OF: Final = {
    Alert.UNTAKEN_HALF: "untaken",
    Alert.UNTAKEN_LIMIT: "untaken",
    Alert.HOLDER_IDLE: "idle",
    Alert.STEP_OVERDUE: "step",
}


def progress_after(progress: Progress, event: IncidentEvent, *, priority: int, waits: bool, taken: bool) -> Progress:
    """The progress after `event`. `waits`, `taken`: the state of the incident after it, and its `priority`."""
    progress = _content(progress, event)
    match event.what:
        case Opened() | HoldEnded() | LeaseExpired() | HandedOver(to=None) | Detached() | CancelBroken() if waits:
            return _back_in_queue(progress, event.at, priority)
        case Stepped(automatic=False) if waits and "untaken" not in progress.timers:
            return _back_in_queue(progress, event.at, priority)
        case Stepped(automatic=True):
            return set_timer(progress, "untaken", None)
        case HandedOver(to=None) | HoldEnded() | LeaseExpired():
            # The plan goes on by itself: there is no holder who could be idle.
            return set_timer(progress, "idle", None)
        case TakenBy() | HandedOver() | TakenOver():
            taken_now = set_timer(attrs.evolve(progress, warned=False), "untaken", None)
            return _busy(taken_now, event.at, priority)
        case Held():
            return set_timer(set_timer(progress, "untaken", None), "idle", None)
        case ClosedAs():
            return attrs.evolve(progress, timers={}, due=())
        case _ if taken and event.actor.startswith("operator"):
            return _busy(progress, event.at, priority)
        case _:
            return progress


def _back_in_queue(progress: Progress, at: dt.datetime, priority: int) -> Progress:
    """Nobody has it: half the limit from now somebody is told."""
    progress = set_timer(progress, "idle", None)
    if progress.automatic:
        return progress
    half = dt.timedelta(seconds=progress.facts.limits.untaken_s(priority) / 2)
    return set_timer(progress, "untaken", at + half)


def _busy(progress: Progress, at: dt.datetime, priority: int) -> Progress:
    return set_timer(progress, "idle", at + dt.timedelta(seconds=progress.facts.limits.holder_s(priority)))


def _content(progress: Progress, event: IncidentEvent) -> Progress:
    match event.what:
        case Opened() as opened:
            return _opened(progress, opened, event)
        case Joined() as joined:
            return _joined(progress, joined, event)
        case Planned() as planned:
            facts = planned.facts or progress.facts
            return attrs.evolve(
                progress,
                plan=planned.plan,
                version=planned.version,
                facts=facts,
                visits={},
                tried={},
                done=(),
                step="",
                reported=None,
                contact=None,
            )
        case FactsChanged(facts=facts):
            return attrs.evolve(progress, facts=facts)
        case Stepped() as stepped:
            return _stepped(progress, stepped, event.n)
        case TimerDue(name=name):
            rest = {key: at for key, at in progress.timers.items() if key != name}
            return attrs.evolve(progress, timers=rest, due=(*progress.due, name))
        case Judged() as judged:
            return attrs.evolve(progress, judged=judged)
        case Alerted(what=what, next_at=next_at):
            return _alerted(progress, what, next_at)
        case EffectPlanned() | EffectMoved():
            return _effect(progress, event.what)
        case CancelBegan() | CancelBroken() | CancelStood():
            return _cancel(progress, event.what)
        case _:
            return _response(progress, event)


def _opened(progress: Progress, opened: Opened, event: IncidentEvent) -> Progress:
    progress = attrs.evolve(
        progress,
        kinds=(opened.kind,),
        code=opened.code,
        zone=opened.point,
        area=opened.area,
        proven=opened.authenticated is True,
    )
    if opened.authenticated is False:
        return progress  # it is put before a person, and proves nothing
    return with_evidence(progress, of_signal(opened.kind, event.at, opened.signal, opened.point, event.n))


def _joined(progress: Progress, joined: Joined, event: IncidentEvent) -> Progress:
    at = joined.received_at or event.at
    if joined.kind is Kind.OPEN_CLOSE and joined.qualifier is Qualifier.OPENING and not joined.old:
        disarm = Disarm(at, joined.area, joined.user, joined.user_kind, joined.contact, joined.authenticated)
        progress = attrs.evolve(progress, disarm=disarm)
        if joined.user_kind is not UserKind.DURESS or joined.authenticated is False:
            return progress
        forced = Evidence(EvidenceKind.VOLUNTARY, at, joined.signal, n=event.n)
        return with_evidence(attrs.evolve(progress, duress=True), forced)
    if joined.effect is not Effect.ALARM or joined.kind is None:
        return progress
    if joined.authenticated is False and progress.proven:
        return progress
    progress = attrs.evolve(
        progress,
        kinds=tuple(dict.fromkeys((*progress.kinds, joined.kind))),
        code=joined.code or progress.code,
        proven=progress.proven or joined.authenticated is True,
    )
    if joined.authenticated is False:
        return progress
    return with_evidence(progress, of_signal(joined.kind, at, joined.signal, joined.point, event.n))


def _stepped(progress: Progress, stepped: Stepped, n: int) -> Progress:
    visits = {**progress.visits, stepped.step: progress.visits.get(stepped.step, 0) + 1}
    tried = progress.tried
    # A message is no try to reach somebody by telephone.
    if stepped.contact is not None and not stepped.automatic:
        tried = {**tried, stepped.contact: tried.get(stepped.contact, 0) + 1}
    done = progress.done
    if progress.step and progress.step not in done:
        done = (*done, progress.step)
    moved = attrs.evolve(
        progress,
        step=stepped.step,
        step_n=n,
        automatic=stepped.automatic,
        reported=None,
        visits=visits,
        contact=stepped.contact if stepped.contact is not None else progress.contact,
        tried=tried,
        done=done,
    )
    return set_timer(moved, "step", stepped.due_at)


def _alerted(progress: Progress, what: Alert, next_at: dt.datetime) -> Progress:
    if what is Alert.GUARD_SILENT:
        rest = tuple(name for name in progress.due if not name.startswith("guard:"))
        return attrs.evolve(progress, due=rest, reported=Outcome.NOBODY)
    warned = progress.warned or what is Alert.UNTAKEN_HALF
    return set_timer(attrs.evolve(progress, warned=warned), TIMER_OF[what], next_at)


def _effect(progress: Progress, what: EffectPlanned | EffectMoved) -> Progress:
    match what:
        case EffectPlanned(no=no, kind=kind, template=template, to=to, due_at=due_at):
            new = EffectProgress(
                no=no,
                kind=kind,
                template=template,
                to=to,
                state=EffectState.QUEUED,
                step_n=progress.step_n,
            )
            return set_timer(attrs.evolve(progress, effects=(*progress.effects, new)), f"effect:{no}", due_at)
        case EffectMoved(no=no, state=state):
            effects = tuple(
                attrs.evolve(effect, state=state) if effect.no == no else effect for effect in progress.effects
            )
            progress = attrs.evolve(progress, effects=effects)
            return set_timer(progress, f"effect:{no}", None) if state in SETTLED else progress


def _cancel(progress: Progress, what: CancelBegan | CancelBroken | CancelStood) -> Progress:
    match what:
        case CancelBegan(user=user, contact=contact, until=until):
            begun = attrs.evolve(progress, cancel=Cancel(user, contact, until), automatic=True)
            return set_timer(set_timer(begun, "cancel", until), "untaken", None)
        case CancelBroken():
            broken = attrs.evolve(progress, cancel=None, disarm=None, automatic=False)
            return set_timer(broken, "cancel", None)
        case CancelStood():
            # Whoever must be called all the same is called from the top of the list.
            stood = attrs.evolve(progress, cancelled=True, to_review=True, visits={}, tried={})
            return set_timer(stood, "cancel", None)


def _response(progress: Progress, event: IncidentEvent) -> Progress:
    match event.what:
        case Attempted() as attempted:
            return _attempted(progress, attempted, event)
        case PasswordChecked() as checked:
            return _password(progress, checked, event)
        case Answered(outcome=outcome):
            reported = attrs.evolve(progress, reported=outcome)
            return with_evidence(reported, of_outcome(outcome, event.at, event.n))
        case EvidenceNoted(kind=kind):
            return with_evidence(progress, Evidence(kind, event.at, n=event.n))
        case GuardMoved() as moved:
            return _guard(progress, moved, event)
        case AgencyMoved() as moved:
            return _agency(progress, moved)
        case Seconded():
            return attrs.evolve(progress, seconded_by=event.actor)
        case Overridden():
            # Whatever the step, it ends here and the plan goes on.
            return attrs.evolve(progress, to_review=True, reported=Outcome.TOO_OFTEN)
        case Reviewed():
            return attrs.evolve(progress, to_review=False)
        case Attached(parent=parent):
            # A member is looked at again within a day, whatever becomes of the outage.
            return attrs.evolve(progress, parent=parent, automatic=True, timers={"member": event.at + _MEMBER}, due=())
        case Detached():
            alone = attrs.evolve(progress, parent=None, automatic=False, due=())
            return set_timer(set_timer(alone, "member", None), "step", event.at)
        case MemberCounted(members=members, open=open_):
            return attrs.evolve(progress, members=members, open_members=open_)
        case OutageConfirmed():
            return attrs.evolve(progress, outage_confirmed=True)
        case _:
            return progress


def _attempted(progress: Progress, attempted: Attempted, event: IncidentEvent) -> Progress:
    # Each call has its own tries; a step that the plan goes on to gives no more of them.
    progress = attrs.evolve(progress, wrong_passwords=0)
    if attempted.line is Line.INBOUND:
        # Whoever calls us has not been reached by the plan.
        return progress
    if attempted.outcome is CallOutcome.ANSWERED:
        contact = attempted.contact if attempted.contact is not None else progress.contact
        return attrs.evolve(progress, reported=Outcome.ANSWERED, contact=contact)
    progress = attrs.evolve(progress, reported=Outcome.NO_ANSWER)
    whom = str(attempted.contact or 0)
    return with_evidence(progress, Evidence(EvidenceKind.CALL_UNANSWERED, event.at, detector=whom, n=event.n))


def _password(progress: Progress, checked: PasswordChecked, event: IncidentEvent) -> Progress:
    match checked.heard:
        case Heard.MATCH:
            return attrs.evolve(progress, reported=Outcome.MATCH)
        case Heard.DURESS:
            duress = attrs.evolve(progress, reported=Outcome.MATCH, duress=True)
            return with_evidence(duress, Evidence(EvidenceKind.VOLUNTARY, event.at, n=event.n))
        case Heard.REFUSED:
            return _not_proven(progress, Outcome.REFUSED, checked, event)
        case Heard.NO_MATCH:
            progress = attrs.evolve(progress, wrong_passwords=progress.wrong_passwords + 1)
            if progress.wrong_passwords < PASSWORD_TRIES:
                return progress
            return _not_proven(progress, Outcome.NO_MATCH, checked, event)


def _not_proven(progress: Progress, outcome: Outcome, checked: PasswordChecked, event: IncidentEvent) -> Progress:
    if checked.line is Line.PREMISES:
        whom = str(checked.contact or 0)
        landline = Evidence(EvidenceKind.LANDLINE_NO_PASSWORD, event.at, detector=whom, n=event.n)
        progress = with_evidence(progress, landline)
    return attrs.evolve(progress, reported=outcome)


def _guard(progress: Progress, moved: GuardMoved, event: IncidentEvent) -> Progress:
    now = GuardProgress(
        no=moved.no,
        guard=moved.guard,
        state=moved.state,
        position=moved.position,
        guards=moved.guards,
        report=moved.report,
    )
    progress = attrs.evolve(progress, guards=moved_guard(progress.guards, now))
    progress = set_timer(progress, f"guard:{moved.no}", moved.due_at)
    if moved.state is GuardState.REPORTED and moved.report is not None:
        outcome, piece = of_report(moved.report, event.at, event.n)
        return with_evidence(attrs.evolve(progress, reported=outcome), piece)
    if moved.state is GuardState.DECLINED:
        return attrs.evolve(progress, reported=Outcome.NOBODY)
    if moved.state is GuardState.OFFERED:
        return attrs.evolve(progress, reported=None)
    return progress


def _agency(progress: Progress, moved: AgencyMoved) -> Progress:
    now = AgencyProgress(no=moved.no, service=moved.service, agency=moved.agency, state=moved.state)
    progress = attrs.evolve(progress, agencies=moved_agency(progress.agencies, now))
    if moved.reason is not None:
        progress = attrs.evolve(progress, to_review=True)
    match moved.state:
        case AgencyState.ACCEPTED | AgencyState.ON_THE_WAY | AgencyState.ON_SCENE:
            return attrs.evolve(progress, reported=Outcome.TOLD)
        case AgencyState.REJECTED:
            return attrs.evolve(progress, reported=Outcome.REJECTED)
        case _:
            return progress
