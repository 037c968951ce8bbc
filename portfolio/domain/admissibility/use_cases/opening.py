"""Opening a candidacy and giving it an advisor.

The partner that a candidacy comes through, and whether it may train on the day that counts.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from portfolio.calendar import day_of
from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import find_or_create_person, invite
from portfolio.domain.admissibility.use_cases.deadline_rulings import has_lapsed
from portfolio.domain.api_access.models import CandidacyReference
from portfolio.domain.assessment.models import Cohort
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import AdvisorAssignment, Candidacy, Submission, is_closed_candidacy
from portfolio.domain.candidacy.rules.opening import (
    AdvisorNews,
    CandidacyRefusal,
    NewCandidacy,
    PersonInput,
    Scope,
    has_livret2,
    regime_for,
    route_refusal,
)
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Partner
from portfolio.domain.certification.rules.entry import RouteStatus, is_own_code, route_status
from portfolio.domain.certification.rules.juries import HabilitationAnswer, Purpose, habilitation_on
from portfolio.domain.certification.rules.registration import admissibility_answer
from portfolio.domain.certification.use_cases.partners import find_partner
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.holdings.models.grants import PriorHolding
from portfolio.domain.holdings.use_cases.issuing import issue_missing_grants
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, belongs_to_jury, is_current_hearing
from portfolio.domain.ledger.recording import append
from portfolio.errors import Refusal


def open_candidacy(
    session: Session,
    body_id: UUID,
    opening: NewCandidacy,
    *,
    by: UUID,
    at: datetime,
    news: AdvisorNews = AdvisorNews.ONE,
) -> Candidacy:
    """Open a candidacy and invite its people. Past dates are allowed; the journal keeps the real moment.

    `news`: what its advisor is written.

    Raises Refusal: the entry had expired at the admissibility date and no reason overrides it (R9), the entry
    closes the route and no reason overrides it, it does not mention the route and nobody confirmed it, the
    blocks are not of this version, the advisor is the candidate, or the person already has an open candidacy.
    """
    version, route_status, blocks = check_opening(session, body_id, opening, at=at)
    why = "candidate" if has_livret2(opening.route) else "path"
    candidate = invite(session, opening.candidate.email, opening.candidate.name, body_id, by=by, at=at, why=why)
    session.get(Person, candidate.id, with_for_update=True)
    if session.scalar(select(has_open_candidacy(candidate.id, version.id))):
        raise Refusal(CandidacyRefusal.ALREADY_OPEN)
    candidacy = Candidacy(
        candidate_id=candidate.id,
        candidate_display_name=opening.candidate.name,
        postal_address=opening.postal_address or None,
        phone=opening.phone or None,
        group_name=opening.group or None,
        cohort_id=find_cohort_named(session, opening),
        born_on=opening.birth.on if opening.birth else None,
        birth_place=opening.birth.place if opening.birth else None,
        birth_name=opening.birth.name or None if opening.birth else None,
        version_id=version.id,
        route=opening.route,
        regime=regime_for(opening.route, opening.regime),
        scope=opening.scope,
        admissible_on=opening.admissible_on,
        expiry_override=opening.expiry_override or None,
        route_override=opening.route_override.strip() or None if route_status is RouteStatus.CLOSED else None,
        opened_at=at,
        blocks=blocks,
    )
    session.add(candidacy)
    session.flush()
    if opening.reference:
        session.add(CandidacyReference(candidacy_id=candidacy.id, namespace=body_id, reference=opening.reference))
    is_required = has_livret2(opening.route)
    session.add(Dossier(candidacy_id=candidacy.id, state=DossierState.DRAFT, changed_at=at, is_required=is_required))
    record_event(
        session,
        "candidacy_opened",
        ("candidacy", candidacy.id),
        by=by,
        at=at,
        admissible_on=opening.admissible_on,
        route=opening.route,
        regime=candidacy.regime,
        scope=opening.scope,
        override=bool(opening.expiry_override),
        route_in_entry=route_status,
    )
    if opening.advisor:
        _give_advisor(session, candidacy, opening.advisor, body_id, by=by, at=at, news=news)
    if _may_hold_blocks(session, candidacy):
        # Blocks held by equivalence may make the whole of this version at once (R7).
        append(
            session, issue_missing_grants(session, candidate.id, at=at).rows, at=at
        )  # last: it takes the ledger's lock
    return candidacy


def check_opening(
    session: Session, body_id: UUID, opening: NewCandidacy, *, at: datetime
) -> tuple[CertificationVersion, RouteStatus, list[Block]]:
    """Return the version, what its entry says of the route, and the blocks: what does not depend on the person.

    Raise Refusal as `open_candidacy` does for these.
    """
    version = _published(session, body_id, opening.version_id)
    _check_admissibility(version, opening, at)
    find_cohort_named(session, opening)
    return version, _check_route(version, opening), _blocks_asked(version, opening)


def find_cohort_named(session: Session, opening: NewCandidacy) -> UUID | None:
    """Return the cohort that the group of an opening names; None for VAE, whose groups have none.

    Raise Refusal when no cohort of this version and route has this name.
    """
    if not opening.group or has_livret2(opening.route):
        return None
    named = (Cohort.version_id == opening.version_id, Cohort.route == opening.route, Cohort.name == opening.group)
    found = session.scalar(select(Cohort.id).where(*named))
    if found is None:
        raise Refusal(CandidacyRefusal.NO_SUCH_COHORT, name=opening.group)
    return found


def _may_hold_blocks(session: Session, candidacy: Candidacy) -> bool:
    """Return False for a person whom nothing precedes: what anybody holds comes from a candidacy, or from
    before this product.
    """
    person_id = candidacy.candidate_id
    before = exists().where(Candidacy.candidate_id == person_id, Candidacy.id != candidacy.id)
    return bool(session.scalar(select(or_(before, exists().where(PriorHolding.person_id == person_id)))))


def assign_advisor(
    session: Session,
    candidacy_id: UUID,
    advisor: PersonInput,
    *,
    by: UUID,
    at: datetime,
    news: AdvisorNews = AdvisorNews.ONE,
) -> None:
    """Give the candidacy to an advisor, in place of the one it had; the former one stops seeing it at once."""
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    body_id = candidacy.version.certification.body_id
    _give_advisor(session, candidacy, advisor, body_id, by=by, at=at, news=news)
    record_event(session, "advisor_assigned", ("candidacy", candidacy.id), by=by, at=at, advisor=candidacy.advisor_id)


def _give_advisor(
    session: Session,
    candidacy: Candidacy,
    advisor: PersonInput,
    body_id: UUID,
    *,
    by: UUID,
    at: datetime,
    news: AdvisorNews = AdvisorNews.ONE,
) -> None:
    why = "advisor" if has_livret2(candidacy.route) else "follower"
    if news is AdvisorNews.NONE:
        person = find_or_create_person(session, advisor.email, advisor.name, at=at)
    else:
        several = "s" if news is AdvisorNews.SEVERAL else ""
        person = invite(session, advisor.email, advisor.name, body_id, by=by, at=at, why=f"{why}{several}")
    if person.id == candidacy.candidate_id:
        raise Refusal(CandidacyRefusal.ADVISOR_IS_CANDIDATE)
    sits = (
        exists()
        .where(belongs_to_jury(person.id))
        .where(Hearing.submission_id == Submission.id, Submission.candidacy_id == candidacy.id)
    )
    if session.scalar(select(sits)):
        raise Refusal(CandidacyRefusal.ADVISOR_SITS)
    candidacy.advisor_id, candidacy.advisor_display_name = person.id, advisor.name
    # Kept when the advisor changes: who accompanied a person never judges them (J10).
    assignment = session.get(AdvisorAssignment, (candidacy.id, person.id))
    if assignment is None:
        assignment = AdvisorAssignment(candidacy_id=candidacy.id, person_id=person.id, assigned_at=at)
        session.add(assignment)
    assignment.display_name = advisor.name


def _published(session: Session, body_id: UUID, version_id: UUID) -> CertificationVersion:
    version = session.scalar(
        select(CertificationVersion)
        .join(Certification)
        .where(CertificationVersion.id == version_id, Certification.body_id == body_id)
        .options(selectinload(CertificationVersion.blocks))
    )
    if version is None or not version.is_offered:
        raise Refusal(CandidacyRefusal.VERSION_NOT_PUBLISHED)
    return version


def _check_admissibility(version: CertificationVersion, opening: NewCandidacy, at: datetime) -> None:
    if opening.admissible_on > day_of(at):
        raise Refusal(CandidacyRefusal.ADMISSIBLE_TOMORROW)
    certification = version.certification
    answer = admissibility_answer(
        certification.known_registrations(), opening.admissible_on, successor=certification.successor_code
    )
    if answer.stopped and not opening.expiry_override.strip():
        raise Refusal(
            CandidacyRefusal.ENTRY_EXPIRED,
            until=str(answer.expired_on),
            admissible_on=str(opening.admissible_on),
            successor=answer.successor,
        )


def _check_route(version: CertificationVersion, opening: NewCandidacy) -> RouteStatus:
    standing = route_status(version.entry_now().get("routes") or (), opening.route)
    fault = route_refusal(standing, opening)
    if fault is not None:
        raise Refusal(fault, route=opening.route.value, own=is_own_code(version.certification.code))
    return standing


def _blocks_asked(version: CertificationVersion, opening: NewCandidacy) -> list[Block]:
    return blocks_asked(version, opening.scope, opening.block_ids)


def blocks_asked(version: CertificationVersion, scope: Scope, block_ids: Collection[UUID]) -> list[Block]:
    """Return the blocks of a scope: of the whole, every block, with the chosen options where there are some.

    Raise Refusal when none is asked for, one is not of this version, or too few options are chosen.
    """
    if scope is Scope.WHOLE:
        chosen = {block.option for block in version.blocks if block.id in block_ids and block.option}
        needed = max((block.options_needed or 1 for block in version.blocks if block.option), default=0)
        if len(chosen) < needed:
            raise Refusal(CandidacyRefusal.OPTION_NEEDED, needed=needed)
        return [block for block in version.blocks if not block.option or block.option in chosen]
    known = {block.id: block for block in version.blocks}
    if not block_ids:
        raise Refusal(CandidacyRefusal.NO_BLOCK)
    if not set(block_ids) <= set(known):
        raise Refusal(CandidacyRefusal.FOREIGN_BLOCK)
    return [block for block in version.blocks if block.id in block_ids]


def has_open_candidacy(person_id: UUID | ColumnElement[UUID] | InstrumentedAttribute[UUID], version_id: UUID) -> Exists:
    """A candidacy of this person on this version whose path is not over: no result yet, not lapsed, not closed."""
    judged = exists().where(
        Minutes.hearing_id == Hearing.id, is_current_hearing(), Submission.candidacy_id == Candidacy.id
    )
    of_person = (Candidacy.candidate_id == person_id, Candidacy.version_id == version_id)
    return exists().where(*of_person, ~judged, ~has_lapsed(), ~is_closed_candidacy())


@dataclass(frozen=True, slots=True)
class CandidacyPartner:
    """A partner, and whether its habilitation to train holds on the day of the admissibility, or of the
    training's start.
    """

    id: UUID
    name: str
    answer: HabilitationAnswer


def partner_of_candidacy(session: Session, candidacy_id: UUID) -> CandidacyPartner | None:
    """Return the partner that a candidacy comes through; None when it comes to the certifier directly."""
    candidacy = session.get_one(Candidacy, candidacy_id)
    partner = session.get(Partner, candidacy.partner_id) if candidacy.partner_id else None
    if partner is None:
        return None
    return CandidacyPartner(
        partner.id, partner.name, habilitation_on(partner.as_period(), Purpose.TRAIN, candidacy.admissible_on)
    )


def choose_partner(session: Session, candidacy_id: UUID, partner_id: UUID | None, *, by: UUID, at: datetime) -> None:
    """Record the partner that a candidacy comes through, or none.

    Raise Refusal when it is not one of its certification.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    certification_id = candidacy.version.certification_id
    if partner_id is not None and find_partner(session, certification_id, partner_id) is None:
        raise Refusal(CandidacyRefusal.PARTNER_UNKNOWN)
    if candidacy.partner_id == partner_id:
        return
    candidacy.partner_id = partner_id
    record_event(session, "candidacy_partner_chosen", ("candidacy", candidacy_id), by=by, at=at, partner=partner_id)
