"""Notice in every transaction which candidacies its writes concern, and write their rows of lists before it
commits (`portfolio.on_commit`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, bindparam, inspect, or_, select, union
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.api_access.rules import EventType
from portfolio.domain.audit_log.models import DENIED, AuditEvent
from portfolio.domain.candidacy.models import Candidacy, CandidacyClosure, LapseRuling, Submission
from portfolio.domain.candidacy_listing.certificates import (
    TOUCHING,
    counted_blocks,
    holders_touched,
    refresh_certificates,
)
from portfolio.domain.candidacy_listing.events import ACTS, CERTIFICATES, OF_ACTS, queue_written
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.candidacy_listing.use_cases import refresh, refresh_certificates_to_sign
from portfolio.domain.certification.models import Block
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.holdings.models.events import (
    Acquisition,
    Equivalence,
    GrantStatusChange,
    GroupEquivalenceBlock,
    ResultNotification,
)
from portfolio.domain.holdings.models.grants import (
    Award,
    Certificate,
    CertificateSignature,
    Grant,
    PriorHolding,
    PriorHoldingEnd,
)
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing, JurySession

# Under this name a session keeps what its writes concern until it commits.
TOUCHED = "listing_touched"
Touched = defaultdict[str, set[UUID]]


def _has_changed(row: Any, *names: str) -> bool:
    state = inspect(row)
    return bool(state.transient or state.pending) or any(state.attrs[name].history.has_changes() for name in names)


def _of_candidacy(row: Any) -> Iterator[tuple[str, UUID | None]]:
    yield "candidacy", row.candidacy_id


def _of_person(row: Any) -> Iterator[tuple[str, UUID | None]]:
    yield "holder", row.person_id


def _of_dossier(row: Dossier) -> Iterator[tuple[str, UUID | None]]:
    if _has_changed(row, "state", "is_required"):
        yield "candidacy", row.candidacy_id


def _of_account(row: Person) -> Iterator[tuple[str, UUID | None]]:
    if _has_changed(row, "name", "email", "password_hash"):
        yield "person", row.id


def _of_session(row: JurySession) -> Iterator[tuple[str, UUID | None]]:
    if _has_changed(row, "held_on"):
        yield "session", row.id


def _of_event(row: AuditEvent) -> Iterator[tuple[str, UUID | None]]:
    # Whoever is refused a page does nothing.
    if row.action != DENIED:
        yield "actor", row.actor_id


# What each written row concerns: a candidacy, or something from which candidacies are found when the
# transaction ends.
_CONCERNS: dict[type, Callable[[Any], Iterator[tuple[str, UUID | None]]]] = {
    Candidacy: lambda row: iter([("candidacy", row.id)]),
    CandidacyClosure: _of_candidacy,
    LapseRuling: _of_candidacy,
    Dossier: _of_dossier,
    Submission: _of_candidacy,
    ResultNotification: _of_candidacy,
    Hearing: lambda row: iter([("submission", row.submission_id)]),
    Minutes: lambda row: iter([("hearing", row.hearing_id)]),
    JurySession: _of_session,
    Grant: _of_person,
    Award: _of_person,
    Acquisition: _of_person,
    Certificate: lambda row: iter([("grant", row.grant_id), ("award", row.award_id), ("certificate", row.id)]),
    CertificateSignature: lambda row: iter([("signed", row.certificate_id)]),
    GrantStatusChange: lambda row: iter([("grant", row.grant_id), ("minutes", row.minutes_id)]),
    Equivalence: lambda row: iter([("block", row.granted_block_id)]),
    GroupEquivalenceBlock: counted_blocks,
    PriorHolding: _of_person,
    PriorHoldingEnd: lambda row: iter([("holding", row.holding_id)]),
    Person: _of_account,
    AuditEvent: _of_event,
}


def note_writes(session: Session) -> None:
    """Remember what the rows just written concern; their history is still the one before the flush."""
    touched: Touched = session.info.setdefault(TOUCHED, defaultdict(set))
    changed = (row for row in session.dirty if type(row) in _CONCERNS and session.is_modified(row))
    for row in (*session.new, *changed, *session.deleted):
        if (concerns := _CONCERNS.get(type(row))) is not None:
            for kind, key in concerns(row):
                if key is not None:
                    touched[kind].add(key)
        if isinstance(row, AuditEvent) and row.action in OF_ACTS:
            session.info.setdefault(ACTS, []).append(row)
        elif isinstance(row, CertificateSignature):
            session.info.setdefault(CERTIFICATES, {})[row.certificate_id] = EventType.CERTIFICATE_ISSUED


def follow_writes(session: Session) -> None:
    """Write the rows of lists that the transaction concerns, then the events that programs are told of."""
    refresh_listings(session)
    if session.info.get(ACTS) or session.info.get(CERTIFICATES):
        queue_written(session)


def refresh_listings(session: Session) -> None:
    """Write the rows of lists that the transaction concerns, as its last act."""
    if session.in_nested_transaction():
        return
    session.flush()
    touched: Touched | None = session.info.pop(TOUCHED, None)
    if touched:
        refresh_certificates_to_sign(session, touched.pop("certificate", set()), touched.pop("signed", set()))
    if touched and not touched.keys().isdisjoint(TOUCHING) and (holders := holders_touched(session, touched)):
        refresh_certificates(session, holders)
    if touched and (found := set(_candidacies(session, touched))):
        refresh(session, found)


def _candidacies(session: Session, touched: Touched) -> Iterator[UUID]:
    yield from touched.pop("candidacy", ())
    if touched:
        keys = {f"of_{kind}": list(found) for kind, found in touched.items()}
        yield from (key for (key,) in fetch_rows(session, _finders(*sorted(touched)), keys))


@cache
def _finders(*kinds: str) -> CompoundSelect[Any]:
    """Find the candidacies that keys of these kinds lead to; the keys of each kind are named after it."""
    return union(*(_FINDERS[kind](bindparam(f"of_{kind}", expanding=True)) for kind in kinds))


def _heard(*conditions: ColumnElement[bool]) -> Any:
    return select(Submission.candidacy_id).join(Hearing, Hearing.submission_id == Submission.id).where(*conditions)


def _held_by(person: Any) -> Any:
    return select(Candidacy.id).where(Candidacy.candidate_id.in_(person))


def _of_holders_for(blocks: Any) -> Any:
    """Find the candidacies that an equivalence may complete: of the version of the block that it makes count."""
    versions = select(Block.version_id).where(Block.id.in_(blocks))
    return select(Candidacy.id).where(
        Candidacy.version_id.in_(versions), Candidacy.candidate_id.in_(select(Grant.person_id))
    )


def _of_judged(minutes: Any) -> Any:
    candidacies = _heard(Minutes.id.in_(minutes)).join(Minutes, Minutes.hearing_id == Hearing.id)
    return _held_by(select(Candidacy.candidate_id).where(Candidacy.id.in_(candidacies)))


_FINDERS: dict[str, Callable[[Any], Any]] = {
    "submission": lambda keys: select(Submission.candidacy_id).where(Submission.id.in_(keys)),
    "hearing": lambda keys: _heard(Hearing.id.in_(keys)),
    "session": lambda keys: _heard(Hearing.session_id.in_(keys)),
    "holder": _held_by,
    "grant": lambda keys: _held_by(select(Grant.person_id).where(Grant.id.in_(keys))),
    "award": lambda keys: _held_by(select(Award.person_id).where(Award.id.in_(keys))),
    "minutes": _of_judged,
    "holding": lambda keys: _held_by(select(PriorHolding.person_id).where(PriorHolding.id.in_(keys))),
    "block": _of_holders_for,
    "person": lambda keys: select(Candidacy.id).where(
        or_(Candidacy.candidate_id.in_(keys), Candidacy.advisor_id.in_(keys))
    ),
    # Those who act may come for the first time, or make the first step of a path.
    "actor": lambda keys: select(CandidacyListing.candidacy_id).where(
        CandidacyListing.awaits_first_step, CandidacyListing.candidate_id.in_(keys)
    ),
}
