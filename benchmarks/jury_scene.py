"""Juries of five before full sealed dossiers: sixty pieces, a hundred and twenty claims, eleven narratives each."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from benchmarks.livret_scene import (
    BLOCKS,
    PIECES,
    TITLE,
    add_claims,
    add_narratives,
    add_piece,
    add_texts,
    narrative_text,
)
from benchmarks.scene import PASSWORD
from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember, Person
from portfolio.domain.account.passwords import hash_password
from portfolio.domain.candidacy.models import Candidacy, SealedFile
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.use_cases.jury_rules import write_jury_rules
from portfolio.domain.dossier.models.dossier import Experience
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.jury.rules.composition import Affiliation
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import (
    AffiliationKind,
    Attendance,
    College,
    FindingValue,
    Gender,
    OrganisationKind,
    Outcome,
    StatementKind,
    TiesAnswer,
)
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations, deliberation, planning
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.files.storage.store import new_key

NOW = datetime.now(UTC)
OPENED, SEALED = NOW - timedelta(days=60), NOW - timedelta(days=30)
HELD_ON = date.today() - timedelta(days=1)
_HOUSE = (Affiliation(AffiliationKind.EMPLOYMENT, OrganisationKind.CERTIFIER, "Institut"),)
_PRESIDENT = {"gender": Gender.MAN, "appointed_on": HELD_ON - timedelta(days=90), "appointed_by_director": True}
_SEATS: tuple[tuple[Seat, College, dict[str, object]], ...] = (
    (Seat.PRESIDENT, College.EMPLOYERS, {"qualified": True, "ties_answer": TiesAnswer.NONE, **_PRESIDENT}),
    (
        Seat.EMPLOYEE_REPRESENTATIVE,
        College.EMPLOYEES,
        {"in_activity": True, "gender": Gender.WOMAN, "ties_answer": TiesAnswer.NONE},
    ),
    (Seat.DIRECTOR_OR_DELEGATE, College.NONE, {"is_director": True, "ties": _HOUSE}),
    (Seat.TEACHER_TRAINER, College.NONE, {"ties": _HOUSE}),
    (Seat.PEDAGOGICAL_MANAGER, College.NONE, {"ties": _HOUSE}),
)


@dataclass(frozen=True)
class ExhibitFile:
    """The file that every exhibit has: its bytes, and how many pages it has."""

    content: bytes
    pages: int


LIGHT = ExhibitFile(b"%PDF-1.7 " + bytes(1000), pages=12)


@dataclass(frozen=True)
class Certifier:
    """A body with a published version of four blocks, and who acts for it."""

    body_id: UUID
    version_id: UUID
    person_id: UUID
    secret: str


@dataclass(frozen=True)
class JuryDay:
    """A session of a jury of five, the president first, and the hearings of its candidates."""

    session_id: UUID
    members: tuple[UUID, ...]
    hearings: tuple[UUID, ...]
    submissions: tuple[UUID, ...]

    @property
    def president(self) -> UUID:
        """The person who presides."""
        return self.members[0]


def make_certifier(session: Session) -> Certifier:
    """Add the body and its version."""
    secret = hash_password(PASSWORD)
    body = CertifyingBody(name="Institut des métiers du numérique", city="Paris", created_at=OPENED)
    person = Person(email=f"{uuid4().hex}@exemple.fr", name="Hélène Roche", password_hash=secret, created_at=OPENED)
    session.add_all([body, person])
    session.flush()
    session.add(CertifyingBodyMember(body_id=body.id, person_id=person.id))
    certification = Certification(body_id=body.id, code="RNCP16959")
    version = CertificationVersion(
        certification=certification, number=1, entry=_entry(), title=TITLE, level="7", imported_at=OPENED
    )
    version.blocks = [
        Block(number=number, title=title, assessments=["Cas pratique"], competencies=_competencies(texts))
        for number, (title, texts) in enumerate(BLOCKS, 1)
    ]
    session.add(version)
    session.flush()
    write_jury_rules(session, version.id, version.to_entry())
    version.published_at = OPENED
    session.flush()
    return Certifier(body.id, version.id, person.id, secret)


def _competencies(texts: Sequence[str]) -> list[Competency]:
    return [Competency(number=number, text=text) for number, text in enumerate(texts, 1)]


def _entry() -> dict[str, object]:
    blocks = [
        {
            "number": number,
            "title": title,
            "assessments": ["Cas pratique"],
            "certificate_stated": True,
            "competencies": [{"number": nth, "text": text, "alias": None} for nth, text in enumerate(texts, 1)],
        }
        for number, (title, texts) in enumerate(BLOCKS, 1)
    ]
    jury = {"size": 5, "seats": [str(seat) for seat, _, _ in _SEATS], "external_min": 0.4, "representatives_min": 0.4}
    empty: dict[str, object] = {
        key: [] for key in ("deliverables", "sites", "holders_per_year", "doubts", "registrations")
    }
    return empty | {
        "code": "RNCP16959",
        "title": TITLE,
        "titles_seen": [TITLE],
        "level": "7",
        "level_1969": "I",
        "nsf": ["326"],
        "rome": ["E1103"],
        "certifiers": ["Institut"],
        "signatory": "Directeur",
        "predecessor": None,
        "registered_until": None,
        "routes": [{"route": "vae", "open": True, "jury": "Cinq personnes."}],
        "jury": jury,
        "blocks": blocks,
        "defence": None,
        "permanence": "unlimited",
    }


def make_day(
    database: Database, certifier: Certifier, candidates: int, *, decided: bool = True, exhibit: ExhibitFile = LIGHT
) -> JuryDay:
    """Add a session with its jury and so many candidates, everything found and decided unless told otherwise."""
    with database.transaction() as session:
        jury = planning.plan_session(
            session,
            certifier.body_id,
            Planning(certifier.version_id, HELD_ON, "Bordeaux"),
            by=certifier.person_id,
            at=OPENED,
        )
        members = tuple(_seat(session, jury.id, certifier))
        session_id = jury.id
    hearings, submissions = [], []
    for _ in range(candidates):
        with database.transaction() as session:
            submissions.append(_seal(session, certifier, exhibit))
            added = planning.add_hearing(session, session_id, submissions[-1], by=certifier.person_id, at=SEALED)
            hearings.append(added.id)
        with database.transaction() as session:
            _declare(session, hearings[-1], members, certifier.person_id, decided=decided)
            if decided:
                _decide(session, hearings[-1], members[0], session.get_one(CertificationVersion, certifier.version_id))
    return JuryDay(session_id, members, tuple(hearings), tuple(submissions))


def _seat(session: Session, session_id: UUID, certifier: Certifier) -> Iterator[UUID]:
    """Seat five people with an account, the president with the act that appoints them."""
    for seat, college, more in _SEATS:
        person = Person(
            email=f"{uuid4().hex}@exemple.fr", name="Aya Diallo", password_hash=certifier.secret, created_at=OPENED
        )
        session.add(person)
        session.flush()
        named = MemberInput(seat, person.email, person.name, "Cheffe de projet", college, **more)  # type: ignore[arg-type]
        act = _file("nomination.pdf", LIGHT) if seat is Seat.PRESIDENT else None
        planning.name_member(session, session_id, named, act, by=certifier.person_id, at=OPENED)
        yield person.id


def _file(name: str, exhibit: ExhibitFile) -> ReceivedFile:
    """Return a file as the reception hands it over; nothing of it is in the store."""
    digest, size = sha256(exhibit.content).hexdigest(), len(exhibit.content)
    return ReceivedFile(new_key(), name, "application/pdf", "document", exhibit.pages, size, digest)


def store_exhibits(app: Flask, submission_id: UUID, exhibit: ExhibitFile = LIGHT) -> None:
    """Keep the file of every exhibit of a submission, as a reception would have."""
    with app.extensions["database"].reader() as session:
        keys = session.scalars(select(SealedFile.key).where(SealedFile.submission_id == submission_id)).all()
    for key in keys:
        app.extensions["files"].save(key, io.BytesIO(exhibit.content))


def make_draft(session: Session, certifier: Certifier) -> Candidacy:
    """Add the candidacy of a person who has written the texts of their dossier, and given no evidence."""
    candidate = Person(
        email=f"{uuid4().hex}@exemple.fr",
        name="Inès Lefèvre-Marchand",
        password_hash=certifier.secret,
        created_at=OPENED,
    )
    session.add(candidate)
    session.flush()
    version = session.get_one(CertificationVersion, certifier.version_id)
    candidacy = Candidacy(
        candidate_id=candidate.id, version_id=version.id, route=Route.VAE, regime=Regime.FRANCE_VAE,
        scope=Scope.WHOLE, admissible_on=OPENED.date(), opened_at=OPENED, blocks=list(version.blocks),
    )  # fmt: skip
    session.add(candidacy)
    session.flush()
    add_texts(session, candidacy.id, OPENED)
    return candidacy


def _seal(session: Session, certifier: Certifier, exhibit: ExhibitFile) -> UUID:
    candidacy = make_draft(session, certifier)
    experience_id = session.scalars(select(Experience.id).where(Experience.candidacy_id == candidacy.id)).one()
    files = [_file(f"piece-{number:02}.pdf", exhibit) for number in range(1, PIECES + 1)]
    rows = [
        add_piece(session, candidacy.id, experience_id, number, file, OPENED) for number, file in enumerate(files, 1)
    ]
    session.flush()
    competencies = [competency for block in candidacy.blocks for competency in block.competencies]
    add_narratives(session, candidacy.id, competencies, OPENED)
    pieces = [(row.id, "document", row.files[0].pages, None) for row in rows]
    add_claims(session, candidacy.id, pieces, [competency.id for competency in competencies], OPENED)
    session.flush()
    statement = "J’atteste sur l’honneur que ce dossier est le mien."
    return submit(session, candidacy.id, statement, by=candidacy.candidate_id, at=SEALED).id


def _declare(session: Session, hearing_id: UUID, members: Sequence[UUID], certifier_id: UUID, *, decided: bool) -> None:
    """Let every member declare, and when the jury has decided, attest their reading and be present."""
    kinds = (StatementKind.NO_RELATION, StatementKind.READ) if decided else (StatementKind.NO_RELATION,)
    for person_id in members:
        for kind in kinds:
            declarations.record_statement(
                session, hearing_id, MemberDeclarations(person_id, kind), by=person_id, at=SEALED
            )
    if decided:
        declarations.check_presence(session, hearing_id, members, Attendance.HEARD, by=certifier_id, at=NOW)


def _decide(session: Session, hearing_id: UUID, president: UUID, version: CertificationVersion) -> None:
    """Find every competency acquired but the last one, and validate every block but the last."""
    kept = {"revision": 0, "by": president, "at": NOW}
    last = version.blocks[-1]
    for block in version.blocks:
        for competency in block.competencies:
            found = FindingRecord(FindingValue.ACQUIRED)
            if competency is last.competencies[-1]:
                found = FindingRecord(FindingValue.NOT_ACQUIRED, narrative_text(40, 1))
            deliberation.record_finding(session, hearing_id, competency.id, found, **kept)  # type: ignore[arg-type]
        decided = DecisionRecord(Outcome.VALIDATED)
        if block is last:
            decided = DecisionRecord(Outcome.NOT_VALIDATED, narrative_text(40, 2), "", narrative_text(40, 3))
        deliberation.record_decision(session, hearing_id, block.id, decided, **kept)  # type: ignore[arg-type]
