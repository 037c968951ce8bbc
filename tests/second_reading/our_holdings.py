"""Grants and holdings, by the product's rules; how a document may speak of the register."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache

from portfolio.domain.candidacy.rules.opening import TRAINING, has_livret2
from portfolio.domain.certification.rules.entry import Registration, Route
from portfolio.domain.certification.rules.registration import admissibility_answer, registration_status
from portfolio.domain.holdings.rules.completion import end_of_validity, first_end
from portfolio.domain.holdings.rules.facts import (
    AcquisitionFact,
    CertifiedBlock,
    CertifiedCompetency,
    Decision,
    EquivalenceFact,
    EquivalenceKind,
    GrantingEvent,
    JuryDecisionFacts,
    Lapse,
    Presence,
    PriorHoldingFact,
    Source,
)
from portfolio.domain.holdings.rules.facts import History as Facts
from portfolio.domain.holdings.rules.granting import grants_at
from portfolio.domain.holdings.rules.status_changes import (
    CONFIRMED_BY_TWO,
    GrantStatus,
    StatusChange,
    StatusChangeKind,
    confirmation_refusal,
    refusal_of,
    status_after,
    status_of_whole,
)
from portfolio.domain.jury.rules.enums import Outcome
from tests.second_reading import facts as f
from tests.second_reading.our_juries import number_of, uuid_of, uuids


def status_of(acts: tuple[f.LaterAct, ...], granted_on: date, today: date) -> tuple[str, tuple[str | None, ...]]:
    """Return where a decision stands after later acts, and why some of them were refused."""
    kinds: list[StatusChangeKind] = []
    refused = []
    for act in acts:
        change = StatusChange(StatusChangeKind(act.kind), act.reason, act.on, act.heard_on)
        fault = refusal_of(change, status_after(kinds), granted_on, today)
        refused.append(str(fault) if fault else None)
        if fault is None:
            kinds.append(change.kind)
    return str(status_after(kinds)), tuple(refused)


def is_alone(act: f.LaterAct) -> bool:
    """Return whether the product lets nobody alone decide an act, and one person did."""
    if act.kind not in CONFIRMED_BY_TWO:
        return False
    second = act.confirmed_by
    return second is None or confirmation_refusal(uuid_of(act.proposed_by), uuid_of(second)) is not None


def status_of_whole_of(blocks: tuple[str, ...]) -> str:
    """Return what a whole certification became, from where its blocks stand."""
    return str(status_of_whole([GrantStatus(status) for status in blocks]))


PRESENCES = {"heard": Presence.PRESENT, "absent": Presence.ABSENT, "excused": Presence.EXCUSED}


def sitting_of(
    hearing: f.Hearing,
    blocking: frozenset[str],
    decisions: Mapping[int, tuple[Outcome, int | None]],
    status: str,
    closed: bool,
    *,
    on: date,
    presence: Presence,
) -> JuryDecisionFacts:
    """Return a hearing as the rule of grants reads one; `decisions`: outcomes, and months of validity; `on`: the day of
    the decision.
    """
    return JuryDecisionFacts(
        hearing.reference,
        on,
        hearing.submitted_on,
        hearing.begun_on,
        uuids(hearing.scope),
        tuple(
            Decision(uuid_of(block), outcome, validity_months=months)
            for block, (outcome, months) in decisions.items()
            if presence is Presence.PRESENT
        ),
        tuple(sorted(blocking)),
        closed,
        presence,
        Lapse(hearing.lapse),
        status == GrantStatus.ANNULLED,
        withdrawn=uuids(hearing.withdrawn),
        suspended=status == GrantStatus.SUSPENDED,
        annulled_blocks=uuids(hearing.appealed),
        recorded_at=hearing.closed_at,
    )


def refusals(
    hearing: f.Hearing, blocking: frozenset[str], outcome: str | None, status: str, closed: bool, attendance: str
) -> frozenset[str]:
    """Return the grounds for which a hearing does not grant the block 11."""
    decided = {11: (Outcome(outcome), None)} if outcome else {}
    told_of = (hearing, blocking, decided, status, closed)
    sitting = sitting_of(*told_of, on=hearing.last.jury.on, presence=PRESENCES[attendance])
    (told,) = grants_at((CertifiedBlock(uuid_of(11), 1, "Bloc"),), sitting, {})
    return frozenset(map(str, told.grounds)) - {"granted"}


def at_hearing(
    on: date, outcome: str, months: int | None, end: date | None, faults: tuple[str, ...], missing: tuple[str, ...]
) -> tuple[object, ...]:
    """Return what a hearing makes of a block that is held until some day: why it does not grant it, by which act it
    is held, and what is quoted of a refusal.
    """
    short = tuple(CertifiedCompetency(number, "") for number in missing)
    decision = Decision(uuid_of(11), Outcome(outcome), short, validity_months=months)
    sitting = JuryDecisionFacts("PV", on, on, on, uuids(frozenset({11})), (decision,), faults)
    until = None if end == date.max else end
    earlier = GrantingEvent(on - timedelta(30), Source.JURY, "PV-0", until)
    held = {} if end is None else {uuid_of(11): earlier}
    (told,) = grants_at((CertifiedBlock(uuid_of(11), 1, "Bloc", (), months),), sitting, held)
    act = (told.act.reference, told.act.until or date.max) if told.act is not None else None
    grounds = frozenset(map(str, told.grounds)) - {"granted"}
    return grounds, number_of(told.block.id), act, told.reference, told.faults, tuple(m.number for m in told.missing)


@lru_cache(maxsize=200)
def block_of(block: f.Block) -> CertifiedBlock:
    """Return a block as the rules read one."""
    return CertifiedBlock(uuid_of(block.id), block.number, f"Bloc {block.id}", (), block.months, block.option or None)


def facts_of(history: f.History, sittings: tuple[JuryDecisionFacts, ...]) -> Facts:
    """Return a history as the rules read one."""
    months = {block.id: block.months for version in history.versions for block in version.blocks}
    return Facts(
        sittings,
        tuple(
            AcquisitionFact(
                uuid_of(a.block), a.on, a.verified, a.reference, a.annulled, a.withdrawn, months[a.block], a.recorded_at
            )
            for a in history.acquisitions
            if not a.imported
        ),
        tuple(
            EquivalenceFact(
                uuid_of(min(e.asked)),
                uuid_of(e.counts_for),
                EquivalenceKind(e.kind),
                e.declared_on,
                e.reference,
                e.replaced_at,
                uuids(e.asked - {min(e.asked)}),
                months[e.counts_for],
                e.declared_at,
            )
            for e in history.equivalences
        ),
        tuple(
            PriorHoldingFact(
                uuid_of(a.block),
                a.on,
                a.reference,
                first_end((a.until, end_of_validity(a.on, months[a.block]))),
                a.annulled,
                a.recorded_at,
            )
            for a in history.acquisitions
            if a.imported
        ),
    )


def registrations_of(version: f.Version) -> tuple[Registration, ...]:
    """Return the registrations of a version."""
    return tuple(Registration("", "", since, until) for since, until in version.registrations)


Period = tuple[date | None, date | None]


def why_standing(
    periods: tuple[Period, ...], delivered_on: date, admissible_on: date | None, training_on: date | None
) -> tuple[str, date | None, Period | None]:
    """Return why a document may speak of the register or not: the ground, its day, the registration."""
    known = tuple(Registration("", "", since, until) for since, until in periods)
    told = registration_status(known, admissible_on, delivered_on, training_begun_on=training_on)
    covering = told.registration
    return str(told.ground), told.day, (covering.since, covering.until) if covering else None


def why_opening(periods: tuple[Period, ...], day: date) -> tuple[str, Period | None, date | None]:
    """Return why a candidacy may be opened on a day or not, by which registration, and when the entry had expired."""
    known = tuple(Registration("", "", since, until) for since, until in periods)
    told = admissibility_answer(known, day, successor="RNCP2")
    proposed = "RNCP2" if told.ground == "expired" else None
    assert (told.stopped, told.admissible_on, told.successor) == (told.ground == "expired", day, proposed)
    by = told.registration
    return str(told.ground), (by.since, by.until) if by else None, told.expired_on


def standing_of(version: f.Version, hearing: f.Hearing, on: date) -> str:
    """Return how the document of a hearing, delivered on a day, may speak of the register."""
    route, began = Route(hearing.route), hearing.begun_on
    status = registration_status(
        registrations_of(version),
        began if has_livret2(route) else None,
        on,
        training_begun_on=began if route in TRAINING else None,
    )
    return str(status.code)
