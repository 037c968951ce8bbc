"""Recording what the facts give a person and that is not recorded yet: the only place that writes grants and awards.

The words of a certificate, fixed on the day it is issued (R9, R13).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from portfolio.db.engine import new_id
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import TRAINING, Birth, has_livret2
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.registration import registration_status
from portfolio.domain.certification.use_cases.publishing import load_blocks_by_version
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.completion import (
    completion_for,
    end_of_validity,
    event_on,
    new_number,
    standing_events,
)
from portfolio.domain.holdings.rules.facts import CertifiedBlock, History, Source
from portfolio.domain.holdings.rules.granting import GrantingEvent, granting_events, own_act
from portfolio.domain.holdings.use_cases.facts import Catalogue, load_history
from portfolio.domain.holdings.use_cases.holdings import recorded_grants
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing


def printed_text(
    candidacy: Candidacy, delivered_on: date, block: CertifiedBlock | None, decided_by: Minutes | Acquisition | None
) -> dict[str, Any]:
    """Gather what a certificate says: of one block, or of the whole certification without one; and by what it
    was decided.

    It is a copy: a correction of the entry, a change of name or a new version does not change it (R6, R13).
    What the document may say of the register follows R9 and is dated by the delivery and the admissibility.
    `birth` is there only when it was given: it is printed, and never public.
    """
    version = candidacy.version
    body = version.certification.body
    return {
        "holder": candidacy.candidate_name,
        "subject": "block" if block else "whole",
        "block": {"number": block.number, "title": block.title} if block else None,
        "competencies": [{"number": competency.number, "text": competency.text} for competency in block.competencies]
        if block
        else [],
        "certification": _certification(version),
        "body": {"name": body.name, "city": body.city},
        "delivered_on": delivered_on.isoformat(),
        "session": _session(decided_by) if isinstance(decided_by, Minutes) else None,
        "act": _acquisition(decided_by) if isinstance(decided_by, Acquisition) else None,
        "standing": _registration_status(candidacy, delivered_on),
        **_validity(version, block, delivered_on),
    } | birth_labels(candidacy.birth)


def _validity(version: CertificationVersion, block: CertifiedBlock | None, granted_on: date) -> dict[str, Any]:
    """Tell until when a limited block is valid, or which blocks of a whole are limited; nothing without a
    limit (R6).
    """
    if block is None:
        limited = [
            {"number": row.number, "months": row.validity_months} for row in version.blocks if row.validity_months
        ]
        return {"limited_blocks": limited} if limited else {}
    until = end_of_validity(granted_on, block.validity_months)
    return {"validity": {"until": until.isoformat(), "months": block.validity_months}} if until else {}


def birth_labels(birth: Birth | None) -> dict[str, Any]:
    """Return what labels hold of a birth; nothing when it was not given."""
    return {"birth": {"on": birth.on.isoformat(), "place": birth.place, "name": birth.name}} if birth else {}


def _session(minutes: Minutes) -> dict[str, Any]:
    jury = minutes.hearing.session
    return {"held_on": minutes.decided_on.isoformat(), "place": jury.place, "minutes": minutes.number}


def _acquisition(row: Acquisition) -> dict[str, Any]:
    label = {"source": Source.ACQUISITION.value, "on": row.acquired_on.isoformat(), "reference": row.reference}
    return label | {"obtained_at": row.obtained_at}


def _certification(version: CertificationVersion) -> dict[str, Any]:
    return {
        "code": version.certification.code,
        "title": version.title,
        "version": version.number,
        "level": version.level,
        "nsf": list(version.entry.get("nsf") or []),
        "blocks": len(version.blocks),
        "permanence": version.entry.get("permanence"),
    }


def _registration_status(candidacy: Candidacy, delivered_on: date) -> dict[str, Any]:
    """Return what the register knew: on the day of delivery, else when the admissibility was decided or the
    training begun; an individual candidacy has neither (R9).
    """
    began = candidacy.admissible_on
    status = registration_status(
        candidacy.version.certification.known_registrations(),
        began if has_livret2(candidacy.route) else None,
        delivered_on,
        training_begun_on=began if candidacy.route in TRAINING else None,
    )
    found = status.registration
    return {
        "code": status.code.value,
        "ground": status.ground.value,
        "day": status.day.isoformat() if status.day else None,
        "registration": {"act": found.act, "from": _day(found.since), "until": _day(found.until)} if found else None,
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


Acts = dict[UUID, tuple[GrantingEvent, ...]]
# What is recorded as a grant, with a certificate of its own.
GRANTED_HERE = (Source.JURY, Source.ACQUISITION)


# Asked at every closing, so built once.
_GRANTS = select(Grant).where(Grant.person_id == bindparam("person"))
_heard = joinedload(Minutes.hearing)
_MINUTES = (
    select(Minutes)
    .where(Minutes.number == bindparam("number"))
    .options(_heard.joinedload(Hearing.session), _heard.joinedload(Hearing.submission))
)


@dataclass
class IssuedRows:
    """Rows that were written, in the order in which the ledger records it."""

    grants: list[Grant] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    certificates: list[Certificate] = field(default_factory=list)

    @property
    def rows(self) -> list[Grant | Award | Certificate]:
        """Every row written."""
        return [*self.grants, *self.awards, *self.certificates]


def issue_missing_grants(
    session: Session, person_id: UUID, *, at: datetime, history: History | None = None
) -> IssuedRows:
    """Write the grants, the awards and their certificates that the facts give a person today and that are missing.

    Grants are derived from the facts whatever their order (R2, R3, R6): the earliest act of a block has its grant, and
    each later one that is valid for longer, under a new serial when another act stood for it before (R13); an
    equivalence has none of its own. The whole is recorded once by the act that completed it (R7). The person's row is
    locked: two juries of one day write one whole. Running again writes nothing. Nothing stored is changed. `history` is
    given by a caller that locked the row and read it after its writes.
    """
    session.flush()
    if history is None:
        session.get_one(Person, person_id, with_for_update={"key_share": True})
        history = load_history(session, person_id)
    acts = granting_events(history)
    versions = _load_versions(session, person_id)
    done = IssuedRows()
    _grant_blocks(
        session,
        person_id,
        [block for version in versions.values() for block in version.catalogue.blocks],
        acts,
        done,
        at,
    )
    for version in versions.values():
        _award(session, person_id, version, acts, done, at)
    return done


@dataclass(frozen=True)
class _Version:
    """A version a person is a candidate of, by their latest candidacy on it."""

    candidacy: Candidacy
    catalogue: Catalogue

    @property
    def id(self) -> UUID:
        return self.candidacy.version_id


def _load_versions(session: Session, person_id: UUID) -> dict[UUID, _Version]:
    rows = session.scalars(_candidacies(), {"person": person_id}).unique().all()
    blocks = load_blocks_by_version(session, {row.version_id for row in rows})
    for row in rows:
        set_committed_value(row.version, "blocks", list(blocks[row.version_id]))
    return {row.version_id: _Version(row, Catalogue(blocks[row.version_id])) for row in rows}


@cache
def _candidacies() -> Select[Candidacy]:
    return (
        select(Candidacy)
        .where(Candidacy.candidate_id == bindparam("person"))
        .options(joinedload(Candidacy.candidate), *_with_version(joinedload(Candidacy.version)))
        .order_by(Candidacy.opened_at, Candidacy.id)
    )


def _with_version(version: Any) -> tuple[Any, ...]:
    return (
        version.joinedload(CertificationVersion.certification).joinedload(Certification.body),
        version.joinedload(CertificationVersion.certification).selectinload(Certification.registrations),
    )


def _grant_blocks(
    session: Session, person_id: UUID, blocks: Sequence[CertifiedBlock], acts: Acts, done: IssuedRows, at: datetime
) -> None:
    """Record each act that stands for a block, unless it is recorded, is an equivalence, or came before this
    product was used.
    """
    due = [(block, act) for block in blocks for act in standing_events(acts.get(block.id, ()))]
    here = [(block, act) for block, act in due if act.source in GRANTED_HERE]
    facts = {act: _load_fact(session, act) for act in dict.fromkeys(act for _, act in here)}
    stored: defaultdict[UUID, list[Grant]] = defaultdict(list)
    for grant in session.scalars(_GRANTS, {"person": person_id}) if here else ():
        stored[grant.block_id].append(grant)
    granted = []
    for block, act in here:
        fact = facts[act]
        key = "minutes_id" if isinstance(fact, Minutes) else "acquisition_id"
        known = stored[block.id]
        if any(getattr(grant, key) == fact.id for grant in known):
            continue
        values = {
            "person_id": person_id,
            "block_id": block.id,
            "serial": len(known) + 1,
            "source": act.source,
            key: fact.id,
        }
        grant = Grant(id=new_id(), **values, granted_on=act.on, recorded_at=at)
        known.append(grant)
        granted.append((grant, block, act))
    session.add_all(grant for grant, _, _ in granted)
    done.grants += [grant for grant, _, _ in granted]
    for grant, block, act in granted:
        fact = facts[act]
        candidacy = fact.hearing.submission.candidacy if isinstance(fact, Minutes) else fact.candidacy
        _certify(session, printed_text(candidacy, act.on, block, fact), done, at, grant_id=grant.id)
    session.flush()


def _load_fact(session: Session, act: GrantingEvent) -> Minutes | Acquisition:
    if act.source is Source.JURY:
        return session.scalars(_MINUTES, {"number": act.reference}).one()
    rows = session.scalars(select(Acquisition).where(Acquisition.acquired_on == act.on))
    return next(row for row in rows if row.reference == act.reference)


def _award(session: Session, person_id: UUID, version: _Version, acts: Acts, done: IssuedRows, at: datetime) -> None:
    """Record the whole by the grant that completed it, unless it is recorded (R7)."""
    blocks = version.catalogue.blocks
    whole = completion_for(blocks, acts)
    if not whole.obtained or whole.completed_by is None or whole.on is None:
        return
    proof = completing_act(whole.blocks, whole.completed_by.id, whole.on, acts)
    if proof is None:
        return  # every block was held before: the whole was delivered then
    recorded = recorded_grants(session, person_id)
    last = next(
        recorded_grant.grant
        for recorded_grant in recorded
        if recorded_grant.grant.block_id == proof[0] and recorded_grant.act == proof[1]
    )
    stored = session.scalars(select(Award).where(Award.person_id == person_id, Award.version_id == version.id)).all()
    if any(stored_award.completed_by == last.id and stored_award.obtained_on == whole.on for stored_award in stored):
        return
    facts = {"completed_by": last.id, "obtained_on": whole.on, "serial": len(stored) + 1}
    award = Award(id=new_id(), person_id=person_id, version_id=version.id, recorded_at=at, **facts)
    session.add(award)
    session.flush()
    done.awards.append(award)
    completed_before = _own_act(whole.completed_by.id, whole.on, acts)[1].source is Source.PRIOR
    _certify(
        session,
        _of_set(_whole_labels(session, version, whole.on, proof[1], completed_before), whole.blocks),
        done,
        at,
        award_id=award.id,
    )
    session.flush()


def completing_act(
    blocks: Sequence[CertifiedBlock], completed_by: UUID, on: date, acts: Acts
) -> tuple[UUID, GrantingEvent] | None:
    """Return the act recorded here that a whole refers to, with its block: the one that completed it.

    Where a holding of before completed it, this is the last act recorded here that it rests on; None when
    there is none.
    """
    root, event = _own_act(completed_by, on, acts)
    if event.source in GRANTED_HERE:
        return root, event
    others = [_own_act(block.id, on, acts) for block in blocks]
    here = [(root, event) for root, event in others if event.source in GRANTED_HERE]
    return max(here, key=lambda pair: pair[1]) if here else None


def _own_act(block_id: UUID, on: date, acts: Acts) -> tuple[UUID, GrantingEvent]:
    """Return the act of its own, with its block, that makes a block valid on the day of a whole."""
    event = event_on(on, acts[block_id])
    assert event is not None, "every block of a whole is valid on its day (R7)"
    return own_act(block_id, event)


def _of_set(labels: dict[str, Any], blocks: Sequence[CertifiedBlock]) -> dict[str, Any]:
    """Name the options that a whole is made with, and count its own blocks; without options, nothing changes."""
    options = list(dict.fromkeys(block.option for block in blocks if block.option))
    if not options:
        return labels
    numbers = {block.number for block in blocks}
    limited = [row for row in labels.pop("limited_blocks", ()) if row["number"] in numbers]
    certification = labels["certification"] | {"blocks": len(blocks), "options": options}
    return labels | {"certification": certification} | ({"limited_blocks": limited} if limited else {})


def _whole_labels(
    session: Session, version: _Version, on: date, act: GrantingEvent, completed_before: bool
) -> dict[str, Any]:
    """Gather what the certificate of a whole says; where a holding of before completed it, no jury of here
    did that day.
    """
    candidacy = version.candidacy
    if completed_before:
        return printed_text(candidacy, on, None, None)
    fact = _load_fact(session, act)
    if isinstance(fact, Minutes) and fact.hearing.submission.candidacy.version_id == version.id:
        candidacy = fact.hearing.submission.candidacy
    return printed_text(candidacy, on, None, fact)


def _certify(session: Session, labels: dict[str, Any], done: IssuedRows, at: datetime, **subject: UUID) -> None:
    certificate = Certificate(id=new_id(), number=new_number(), printed_text=labels, issued_at=at, **subject)
    session.add(certificate)
    done.certificates.append(certificate)
