"""Read, change and lock the settings of a body that its documents print.

Read and change the information pages of a body.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, Person
from portfolio.domain.account.rules import MemberTask, name_order, tasks_of
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certifying_body.models import InformationPage
from portfolio.domain.certifying_body.rules import BodySettingsValue, DocumentRefusal, InformationKind, RemedyKind
from portfolio.domain.email.models import CertifyingBodySettings
from portfolio.domain.jury.models.sessions import JuryMember, JurySession
from portfolio.errors import Conflict, Refusal


@dataclass(frozen=True)
class BodyPageData:
    """The settings of a body as its form shows them, and who may be designated to sign."""

    words: BodySettingsValue
    revision: int
    members: tuple[tuple[UUID, str], ...]


def load_body_page(session: Session, body_id: UUID) -> BodyPageData:
    """Gather the settings of a body; before anybody wrote any, its name and city as it was created."""
    stored = session.get(CertifyingBodySettings, body_id)
    members = session.execute(
        select(Person.id, Person.name, CertifyingBodyMember.member_right, CertifyingBodyMember.tasks)
        .join(CertifyingBodyMember, CertifyingBodyMember.person_id == Person.id)
        .where(CertifyingBodyMember.body_id == body_id, Person.suspended_at.is_(None))
    ).all()
    return BodyPageData(
        load_body_settings(session, body_id),
        stored.revision if stored else 0,
        tuple(
            sorted(
                (
                    (row.id, row.name)
                    for row in members
                    if MemberTask.SIGNATURE in tasks_of(row.member_right, row.tasks)
                ),
                key=lambda member: name_order(member[1]),
            )
        ),
    )


def load_body_settings(session: Session, body_id: UUID) -> BodySettingsValue:
    """Return what a body says of itself now."""
    row = session.get(CertifyingBodySettings, body_id)
    body = session.get_one(CertifyingBody, body_id)
    words = _value_of(row) if row else BodySettingsValue(legal_name=body.name, city=body.city)
    return replace(words, siret=body.siret or "", complaint_days=row.complaint_days if row else None)


def _value_of(row: CertifyingBodySettings) -> BodySettingsValue:
    return BodySettingsValue(
        row.legal_name,
        row.address,
        row.city,
        row.signatory_id,
        row.signatory_quality,
        row.remedies,
        row.contact,
        remedies_admissibility=row.remedies_admissibility or "",
        remedies_annulment=row.remedies_annulment or "",
        remedies_complaint=row.remedies_complaint or "",
    )


def adopted_remedies(session: Session, body_id: UUID, kind: RemedyKind) -> str:
    """Return the text on remedies that a letter of this kind carries. Raises Refusal while the body adopted none."""
    text = load_body_settings(session, body_id).remedies_of(kind)
    if not text.strip():
        raise Refusal(DocumentRefusal.NO_REMEDIES, kind=kind)
    return text


def save_body_settings(
    session: Session, body_id: UUID, words: BodySettingsValue, *, revision: int, by: UUID, at: datetime
) -> None:
    """Change what a body says on the documents to come; those signed or sent keep their own copy.

    Raises Refusal when the signatory is not a member of the body, Conflict when someone saved since `revision`.
    """
    body = session.get_one(CertifyingBody, body_id, with_for_update=True)
    row = session.get(CertifyingBodySettings, body_id, with_for_update=True)
    if (row.revision if row else 0) != revision:
        raise Conflict(_texts(load_body_settings(session, body_id)), row.revision if row else 0)
    if words.signatory_id is not None and session.get(CertifyingBodyMember, (body_id, words.signatory_id)) is None:
        raise Refusal(DocumentRefusal.FOREIGN_SIGNATORY)
    if row is None:
        row = CertifyingBodySettings(body_id=body_id, revision=0)
        session.add(row)
    for name, value in _fields(words).items():
        setattr(body if name == "siret" else row, name, value)
    body.siret = words.siret or None
    row.revision, row.changed_at = revision + 1, at
    record_event(
        session, "body_words_saved", ("certifying_body", body_id), by=by, at=at, signatory=str(words.signatory_id or "")
    )


def _fields(words: BodySettingsValue) -> dict[str, object]:
    return {name: getattr(words, name) for name in BodySettingsValue.__slots__}


def _texts(words: BodySettingsValue) -> dict[str, str]:
    return {name: value for name, value in _fields(words).items() if isinstance(value, str)}


@dataclass(frozen=True)
class Signatory:
    """The body as it signs now: its words, and the person who signs."""

    words: BodySettingsValue
    name: str


def lock_signatory(session: Session, body_id: UUID, by: UUID) -> Signatory:
    """Hold the settings of a body while its signatory signs; one document after the other.

    Raises Refusal when nobody is designated, or when it is somebody else. Who clicks is who is named: the
    caller has just asked for the password again.
    """
    row = session.get(CertifyingBodySettings, body_id, with_for_update=True)
    if row is None or not _value_of(row).may_sign or row.signatory is None:
        raise Refusal(DocumentRefusal.NO_SIGNATORY)
    if row.signatory_id != by:
        raise Refusal(DocumentRefusal.NOT_SIGNATORY, name=row.signatory.name)
    return Signatory(_value_of(row), row.signatory.name)


@dataclass(frozen=True)
class BodyInformation:
    """A body's own words on one page, and how it is reached."""

    body_id: UUID
    name: str
    contact: str
    text: str


def load_information_pages(session: Session, body_id: UUID) -> Mapping[InformationKind, InformationPage]:
    """Return the pages that a body has written, by kind."""
    rows = session.scalars(select(InformationPage).where(InformationPage.body_id == body_id))
    return {row.kind: row for row in rows}


def save_information_page(
    session: Session, body_id: UUID, kind: InformationKind, text: str, *, revision: int, by: UUID, at: datetime
) -> None:
    """Change the text of a page. Raise Conflict when someone saved since `revision`."""
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    page = session.get(InformationPage, (body_id, kind), with_for_update=True)
    if (page.revision if page else 0) != revision:
        raise Conflict({"text": page.text if page else ""}, page.revision if page else 0)
    if page is None:
        page = InformationPage(body_id=body_id, kind=kind, revision=0)
        session.add(page)
    page.text, page.revision, page.changed_at = text, revision + 1, at
    record_event(session, "information_page_saved", ("certifying_body", body_id), by=by, at=at, page=kind.value)


def list_bodies_of(session: Session, person_id: UUID | None) -> Sequence[UUID]:
    """Return the bodies that a person deals with as candidate, advisor, juror or member.

    Without an account, the body of the installation when there is only one: which bodies share an
    installation is not public.
    """
    if person_id is None:
        found = session.scalars(select(CertifyingBody.id).limit(2)).all()
        return found if len(found) == 1 else ()
    by_candidacy = (
        select(Certification.body_id)
        .join(Certification.versions)
        .join(Candidacy, Candidacy.version_id == CertificationVersion.id)
        .where((Candidacy.candidate_id == person_id) | (Candidacy.advisor_id == person_id))
    )
    by_jury = select(JurySession.body_id).join(JurySession.members).where(JuryMember.person_id == person_id)
    as_member = select(CertifyingBodyMember.body_id).where(CertifyingBodyMember.person_id == person_id)
    concerned = by_candidacy.union(by_jury, as_member).subquery()
    query = select(CertifyingBody.id).where(CertifyingBody.id.in_(select(concerned))).order_by(CertifyingBody.name)
    return session.scalars(query).all()


def load_information(session: Session, body_ids: Sequence[UUID], kind: InformationKind) -> Sequence[BodyInformation]:
    """Return the words of these bodies on one page, with their contact."""
    found = []
    for body_id in body_ids:
        settings = load_body_settings(session, body_id)
        page = session.get(InformationPage, (body_id, kind))
        found.append(BodyInformation(body_id, settings.legal_name, settings.contact, page.text if page else ""))
    return found
