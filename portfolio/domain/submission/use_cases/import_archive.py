"""A sealed dossier comes back from its ZIP: its rows are written so that it is read here, under the same root."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy, SealedFile, Submission, SubmittedBlock
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.certification.models import Block, Certification, CertificationVersion, Competency
from portfolio.domain.certification.rules.entry import Entry, EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.entry_schema import entry_as_json
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.rules.draft import DossierState
from portfolio.domain.dossier.use_cases.draft_rows import write_content_digests
from portfolio.domain.submission.rules.dossier import SealedDossier, SealedExhibit
from portfolio.domain.submission.rules.returns import ImportRefusal
from portfolio.errors import Refusal
from portfolio.files.storage.store import StoredFile


@dataclass(frozen=True, slots=True)
class ReceivedArchive:
    """Contents of a ZIP, checked against its own manifest: the dossier, its root, and its files, which are stored."""

    dossier: SealedDossier
    manifest: bytes
    root: str
    files: Mapping[str, StoredFile]


def import_archive(session: Session, archive: ReceivedArchive, email: str, *, at: datetime) -> Submission:
    """Write the dossier of an archive; raise Refusal when it is here already, or when its certification reads
    otherwise.

    The person, the certifying body and the certification are those that exist under the same address, name and code.
    """
    if session.scalar(select(Submission.id).where(Submission.root == archive.root)):
        raise Refusal(ImportRefusal.HERE_ALREADY)
    dossier = archive.dossier
    version = _version(session, dossier, at)
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, name=dossier.candidate, created_at=at)
        session.add(person)
    session.flush()
    candidacy = _candidacy(session, person, version, dossier)
    _write_draft(session, candidacy.id, version, archive, at)
    submission = _write_submission(session, candidacy.id, version, archive)
    facts = {"candidacy": candidacy.id, "number": submission.number, "root": submission.root}
    record_event(session, "dossier_imported", ("submission", submission.id), by=None, at=at, **facts)
    return submission


def _version(session: Session, dossier: SealedDossier, at: datetime) -> CertificationVersion:
    sealed = dossier.certification
    body = session.scalar(select(CertifyingBody).where(CertifyingBody.name == sealed.body))
    if body is None:
        body = CertifyingBody(name=sealed.body, created_at=at)
        session.add(body)
        session.flush()
    known = select(Certification).where(Certification.body_id == body.id, Certification.code == sealed.code)
    certification = session.scalar(known) or Certification(body_id=body.id, code=sealed.code)
    found = next(
        (
            certification_version
            for certification_version in certification.versions
            if certification_version.number == sealed.version
        ),
        None,
    )
    if found is not None:
        _check_same(found, dossier)
        return found
    blocks = [
        *(
            (block.number, block.title, [(competency.number, competency.text) for competency in block.competencies])
            for block in dossier.blocks
        ),
        *((sealed_held_block.number, sealed_held_block.title, []) for sealed_held_block in dossier.held_blocks),
    ]
    entry = Entry(
        sealed.code,
        sealed.title,
        tuple(
            EntryBlock(
                number, title, tuple(EntryCompetency(int(label.split(".")[1]), text) for label, text in competencies)
            )
            for number, title, competencies in sorted(blocks)
        ),
        level=sealed.level or None,
    )
    version = CertificationVersion(
        certification=certification, number=sealed.version, entry=entry_as_json(entry), title=sealed.title,
        level=sealed.level, imported_at=at,
    )  # fmt: skip
    # A dossier of some blocks does not tell the others: without them, nothing here is the whole (R7).
    tells_all = dossier.scope is Scope.WHOLE and set(dossier.requested) <= {number for number, _, _ in blocks}
    version.blocks = [
        Block(
            number=number,
            title=title,
            assessments=[],
            options_needed=None if tells_all else 1,
            competencies=[Competency(number=int(label.split(".")[1]), text=text) for label, text in competencies],
        )
        for number, title, competencies in sorted(blocks)
    ]
    session.add(version)
    session.flush()
    version.published_at = at
    session.flush()
    return version


def _check_same(version: CertificationVersion, dossier: SealedDossier) -> None:
    """Refuse a version that says its blocks otherwise than the dossier does."""
    here = {
        version_block.number: (version_block.title, [competency.text for competency in version_block.competencies])
        for version_block in version.blocks
    }
    for block in dossier.blocks:
        if here.get(block.number) != (block.title, [competency.text for competency in block.competencies]):
            raise Refusal(ImportRefusal.OTHER_CERTIFICATION, block=block.number)


def _candidacy(session: Session, person: Person, version: CertificationVersion, dossier: SealedDossier) -> Candidacy:
    sealed_at = dossier.header.sealed_at
    candidacy = Candidacy(
        candidate_id=person.id, version_id=version.id, route=dossier.route, regime=Regime.OTHER,
        scope=dossier.scope, admissible_on=day_of(sealed_at), opened_at=sealed_at,
        candidate_display_name=dossier.candidate,
        blocks=[block for block in version.blocks if block.number in dossier.requested],
    )  # fmt: skip
    session.add(candidacy)
    session.flush()
    texts = dossier.texts
    session.add(
        Dossier(
            candidacy_id=candidacy.id, state=DossierState.SUBMITTED, changed_at=sealed_at,
            career=texts.career, motivation=texts.motivation, conclusion=texts.conclusion,
        )
    )  # fmt: skip
    session.flush()
    return candidacy


def _write_draft(
    session: Session, candidacy_id: UUID, version: CertificationVersion, archive: ReceivedArchive, at: datetime
) -> None:
    dossier, sealed_at = archive.dossier, archive.dossier.header.sealed_at
    experiences = {}
    for experience in dossier.experiences:
        row = Experience(
            candidacy_id=candidacy_id, structure=experience.structure, post=experience.post,
            began_on=experience.began_on, ended_on=experience.ended_on, context=experience.context,
            perimeter=experience.perimeter, responsibilities=experience.responsibilities,
            changed_at=sealed_at,
        )  # fmt: skip
        session.add(row)
        experiences[experience.number] = row
    session.flush()
    pieces = {
        exhibit.label: _evidence(
            candidacy_id,
            exhibit,
            archive.files[exhibit.label],
            experiences[exhibit.experience].id if exhibit.experience else None,
            at,
        )
        for exhibit in dossier.exhibits
    }
    session.add_all(pieces.values())
    session.flush()
    competencies = {
        f"{block.number}.{competency.number}": competency.id
        for block in version.blocks
        for competency in block.competencies
    }
    for block in dossier.blocks:
        for presented in block.competencies:
            told, competency_id = presented.narrative, competencies[presented.number]
            if not told.is_empty:
                session.add(
                    Narrative(
                        candidacy_id=candidacy_id, competency_id=competency_id, situation=told.situation,
                        actions=told.actions, choices=told.choices, result=told.result, changed_at=sealed_at,
                    )
                )  # fmt: skip
            session.add_all(
                Claim(
                    candidacy_id=candidacy_id, evidence_id=pieces[claim.exhibit].id,
                    competency_id=competency_id, passage=claim.passage, comment=claim.comment,
                    changed_at=sealed_at,
                    anchors=[anchor.as_json() for anchor in presented.anchors_in(claim.exhibit)] or None,
                )
                for claim in presented.claims
            )  # fmt: skip
    session.flush()
    write_content_digests(session, candidacy_id, list(competencies.values()))


def _evidence(
    candidacy_id: UUID, exhibit: SealedExhibit, stored: StoredFile, experience_id: UUID | None, at: datetime
) -> Evidence:
    piece = Evidence(
        candidacy_id=candidacy_id, number=exhibit.piece, title=exhibit.title, kind=exhibit.kind,
        dated_from=exhibit.dated_from, dated_to=exhibit.dated_to, experience_id=experience_id,
        own_role=exhibit.own_role, authorship=exhibit.authorship, own_part=exhibit.own_part,
        confidentiality=exhibit.confidentiality, anonymity=exhibit.anonymity, web_address=exhibit.web_address,
        captured_on=exhibit.captured_on, added_at=at, changed_at=at,
    )  # fmt: skip
    piece.files = [
        EvidenceFile(
            number=1, key=stored.key, name=exhibit.name, mime=exhibit.mime, family=exhibit.family,
            pages=exhibit.pages, size=stored.size, sha256=stored.sha256, received_at=at,
        )
    ]  # fmt: skip
    return piece


def _write_submission(
    session: Session, candidacy_id: UUID, version: CertificationVersion, archive: ReceivedArchive
) -> Submission:
    dossier = archive.dossier
    submission = Submission(
        candidacy_id=candidacy_id, number=dossier.header.number, submitted_at=dossier.header.sealed_at,
        manifest=archive.manifest, root=archive.root,
    )  # fmt: skip
    session.add(submission)
    session.flush()
    presented = {block.number for block in dossier.blocks}
    session.add_all(
        SubmittedBlock(submission_id=submission.id, block_id=block.id)
        for block in version.blocks
        if block.number in presented
    )
    session.add_all(
        SealedFile(
            submission_id=submission.id, exhibit=exhibit.label, key=archive.files[exhibit.label].key,
            name=exhibit.name, mime=exhibit.mime, size=exhibit.size, sha256=exhibit.sha256,
        )
        for exhibit in dossier.exhibits
    )  # fmt: skip
    session.flush()
    return submission
