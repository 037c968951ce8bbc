"""Bodies with their people, and candidates with a draft full of canaries."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.certification.models import (
    Block,
    CertificationSite,
    Competency,
    EquivalenceProposal,
    Partner,
    RegisterNotice,
)
from portfolio.domain.certification.rules.watching import ProposalOrigin, RegisterNoticeKind
from portfolio.domain.certification.use_cases.importing import framework_of
from portfolio.domain.certifying_body.rules import BodySettingsValue
from portfolio.domain.certifying_body.settings import save_body_settings
from portfolio.domain.dossier.models.dossier import Claim, Dossier, Experience, Narrative
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, Upload
from portfolio.domain.dossier.rules.anchors import Anchor
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.dossier.use_cases.evidence import remove_evidence
from portfolio.domain.email.use_cases import EmailTemplate, add_attachment, queue_email
from portfolio.domain.review.models import Message, NotificationPreference, RehearsalAnswer
from portfolio.domain.review.rules.messages import Frequency
from portfolio.domain.review.use_cases.assessments import assess_competency, load_review_basis
from portfolio.domain.review.use_cases.email_notifications import save_frequency, unsubscribe_token
from portfolio.domain.review.use_cases.messages import edit_message, post_message, withdraw_message
from portfolio.domain.review.use_cases.pace import save_answer, share_answer
from portfolio.domain.review.use_cases.thread import save_note
from tests import factories, samples
from tests.rights.fixtures_world import Building, House, jurors, someone
from tests.rights.leak_markers import Canary, colour_pdf

# Each body has an entry of its own, so that a list which shows both is seen.
CODES = {"north": "RNCP16959", "south": "RNCP54321"}

# The place that each claim names.
PLACE = Anchor(1, 1, region=(500, 500, 4000, 3000))


def house_of(made: Building, tag: str) -> House:
    certifier, advisor = someone(made, tag, "signatory"), someone(made, tag, "advisor")
    with made.database.transaction() as session:
        body = factories.body(session, f"Institut {Canary(tag, 'body')}")
        session.add(CertifyingBodyMember(body_id=body.id, person_id=certifier.id))
        version = factories.published_version(session, body.id, CODES[tag])
        if tag == "south":
            made.world.planted.words[CODES[tag]] = Canary(tag, "code")
        words = BodySettingsValue(
            body.name, "1, quai de l’exemple", "Paris", certifier.id, "Responsable", str(Canary(tag, "remedies")),
            str(Canary(tag, "contact")), **factories.ADOPTED,
        )  # fmt: skip
        save_body_settings(session, body.id, words, revision=0, by=certifier.id, at=made.at)
        followed = _followed(session, body.id, version)
        suspended = factories.person(session, "Sacha", f"{Canary(tag, 'suspendedemail')}@exemple.fr")
        session.add(CertifyingBodyMember(body_id=body.id, person_id=suspended.id))
    house = House(tag, body.id, version.id, certifier, advisor, jurors(made, tag), followed)
    made.world.people |= {
        f"certifier {tag}": certifier.id,
        f"advisor {tag}": advisor.id,
        f"suspended {tag}": suspended.id,
    }
    made.world.people |= {f"{what} {tag}": person.id for what, person in house.jurors.items()}
    return house


def _followed(session: Session, body_id: UUID, version: factories.CertificationVersion) -> dict[str, UUID]:
    partner = Partner(certification_id=version.certification_id, identity="r", name="Rucher du Sud")
    session.add(partner)
    session.flush()
    site = CertificationSite(body_id=body_id, name="Rucher", partner_id=partner.id)
    notice = RegisterNotice(
        certification_id=version.certification_id, kind=RegisterNoticeKind.SUCCESSOR, fact="RNCP40000", facts=["RNCP40000"],
        noticed_on=factories.AT.date(),
    )  # fmt: skip
    proposal = EquivalenceProposal(
        version_id=version.id, block_id=version.blocks[0].id, origin=ProposalOrigin.CORRESPONDENCE, other_code="RNCP40000",
        other_block="RNCP40000BC01", proposed_at=factories.AT,
    )  # fmt: skip
    session.add_all([site, notice, proposal])
    session.flush()
    return {"partner_id": partner.id, "site_id": site.id, "notice_id": notice.id, "proposal_id": proposal.id}


def candidate_of(made: Building, house: House, tag: str) -> None:
    """A candidate whose whole draft is canaries, with an advisor who marked and wrote."""
    candidate = someone(made, tag, "name")
    with made.database.transaction() as session:
        person = session.get_one(Person, candidate.id)
        person.email = f"{Canary(tag, 'email')}@exemple.fr"
        version = session.get_one(factories.CertificationVersion, house.version_id)
        path = factories.candidacy(session, version, person, house.advisor)
        path.born_on, path.birth_place = date(1984, 5, 12), str(Canary(tag, "birthplace"))
        session.add(Experience(candidacy_id=path.id, structure="Agence", post=str(Canary(tag, "post")),
                               began_on=factories.ADMISSIBLE, changed_at=made.at))  # fmt: skip
        dossier = session.get_one(Dossier, path.id)
        dossier.career, dossier.motivation, dossier.conclusion = (
            str(Canary(tag, name)) for name in ("career", "motivation", "conclusion")
        )
        competencies = [one for block in version.blocks for one in block.competencies]
        for number, competency in enumerate(competencies, 1):
            _told(made, session, tag, path.id, number, competency)
        thrown = _thrown(made, session, tag, path.id, competencies[-1])
        _reviewed(made, session, house, tag, path.id, competencies[-1].id, person.id)
        # So long ago that what no seal names of it is erased.
        remove_evidence(session, path.id, thrown, by=person.id, at=made.at - timedelta(days=40))
        session.add(
            Upload(
                candidacy_id=path.id, fingerprint=tag, name=f"{Canary(tag, 'filename')}.wav", size=10,
                started_at=made.at, changed_at=made.at,
            )
        )  # fmt: skip
        facts = {"name": str(Canary(tag, "name")), "body": "Institut", "candidacy_id": path.id}
        letter = queue_email(session, person, EmailTemplate.DECIDED_LATER, at=made.at, body_id=house.body_id, **facts)
        add_attachment(letter, "fichier.txt", "texte")
        session.flush()
        letters = {"letter_id": letter.id, "letter_file_id": letter.attachments[0].id}
    made.world.people[f"candidate {tag}"] = candidate.id
    made.world.places[tag] = _ids(made, house, path.id) | {"thrown_id": thrown} | letters


def _told(made: Building, session: Session, tag: str, path: UUID, number: int, competency: Competency) -> None:
    """One piece, one claim, one narrative; the last piece has a real file, the one before it will be taken away."""
    piece = factories.evidence(session, path, number, f"{Canary(tag, 'erased' if number == 10 else 'title')} {number}")
    piece.own_role = str(Canary(tag, "role"))
    claim = factories.claim(session, piece, competency, "1")
    claim.comment = str(Canary(tag, "comment"))
    claim.anchors = [PLACE.as_json()]
    told = factories.narrative(session, path, competency)
    told.situation = told.actions = str(Canary(tag, "narrative"))
    if number >= 10:
        file = made.keep(tag, "filename", colour_pdf(str(Canary(tag, "file")), made.world.planted.colour(tag)))
        row = piece.files[0]
        row.key, row.name, row.size, row.sha256, row.pages = file.key, file.name, file.size, file.sha256, 1
        if number == 11:
            _former(made, session, tag, row)
    else:
        piece.files[0].mime, piece.files[0].pages = "text/plain", None  # nothing is drawn of it


def _thrown(made: Building, session: Session, tag: str, path: UUID, competency: Competency) -> UUID:
    """A piece that says what nobody must find again: marked by the advisor, then taken away before any deposit."""
    piece = factories.evidence(session, path, 12, str(Canary(tag, "thrown")))
    piece.own_role = piece.own_part = str(Canary(tag, "thrown"))
    factories.claim(session, piece, competency, "1").comment = str(Canary(tag, "thrown"))
    file, row = (made.keep(tag, "thrown", colour_pdf(str(Canary(tag, "thrown")), (255, 255, 255))), piece.files[0])
    row.key, row.name, row.size, row.sha256, row.pages = file.key, file.name, file.size, file.sha256, 1
    session.flush()
    return piece.id


def _former(made: Building, session: Session, tag: str, row: EvidenceFile) -> None:
    """The file had another version before: its own people read it still, a reader under the seal does not."""
    file = made.keep(tag, "formername", colour_pdf(str(Canary(tag, "formerfile")), (255, 255, 255)))
    row.number = 2
    session.flush()
    former = {
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "pages": 1,
        "mime": row.mime,
        "family": row.family,
    }
    session.add(
        EvidenceFile(evidence_id=row.evidence_id, number=1, key=file.key, received_at=row.received_at, **former)
    )
    session.flush()


def _reviewed(
    made: Building, session: Session, house: House, tag: str, path: UUID, about: UUID, candidate: UUID
) -> None:
    _regretted(session, tag, (path, about), house.advisor.id, made.at - timedelta(hours=3))
    _regretted(session, tag, (path, about), candidate, made.at - timedelta(hours=3, minutes=-1))
    digest, seen = load_review_basis(session, path, about)
    comment = str(Canary(tag, "mark"))
    assess_competency(
        session, path, about, Assessment.PARTLY, comment, f"{digest} {seen}", by=house.advisor.id, at=made.at
    )
    post_message(session, path, about, str(Canary(tag, "remark")), by=house.advisor.id, at=made.at - timedelta(hours=2))
    post_message(session, path, about, str(Canary(tag, "reply")), by=candidate, at=made.at - timedelta(hours=1))
    post_message(
        session, path, about, f"{Canary(tag, 'remark')} encore", by=house.advisor.id, at=made.at
    )  # nobody has answered
    asked = str(Canary(tag, "rehearsed"))
    answer = save_answer(session, path, f"tell:{about}", asked, samples.webm(), by=candidate, at=made.at)
    share_answer(session, answer, shared=True, by=candidate, at=made.at)
    save_frequency(session, house.advisor.id, Frequency.DAILY, at=made.at)
    save_note(session, path, about, str(Canary(tag, "private")), 0, by=house.advisor.id, at=made.at)


def _regretted(session: Session, tag: str, where: tuple[UUID, UUID], by: UUID, at: datetime) -> None:
    """One message taken back, one corrected before anybody answered it: the words of neither remain anywhere."""
    taken, mistyped = (
        post_message(session, *where, str(Canary(tag, what)), by=by, at=at) for what in ("takenback", "mistyped")
    )
    session.flush()
    edit_message(session, where[0], mistyped.id, f"{Canary(tag, 'remark')} corrigé", 1, by=by, at=at)
    withdraw_message(session, where[0], taken.id, by=by, at=at)
    session.flush()


def _first_block(session: Session, version_id: UUID) -> str:
    """Return the identifier of the first block in the export of a version."""
    framework = framework_of(session, version_id, "")
    assert framework is not None
    return framework.identifier("block/1")


def _ids(made: Building, house: House, path: UUID) -> dict[str, object]:
    with made.database.reader() as session:
        there = Evidence.candidacy_id == path, Evidence.removed_at.is_(None)
        last = session.scalars(select(Evidence).where(*there).order_by(Evidence.number.desc())).first()
        assert last is not None
        claim = session.scalars(select(Claim).where(Claim.evidence_id == last.id)).one()
        competency = session.get_one(Competency, claim.competency_id)
        last_said = select(Message.id).where(Message.candidacy_id == path).order_by(Message.sent_at.desc())
        return {
            "candidacy_id": path,
            "evidence_id": last.id,
            "claim_id": claim.id,
            "anchor_id": PLACE.id,
            "upload_id": session.scalars(select(Upload.id).where(Upload.candidacy_id == path)).one(),
            "competency_id": competency.id,
            "block_id": competency.block_id,
            "block_number": session.get_one(Block, competency.block_id).number,
            "experience_id": session.scalars(select(Experience.id).where(Experience.candidacy_id == path)).one(),
            "narrative_id": session.scalars(select(Narrative.id).where(Narrative.candidacy_id == path)).first(),
            "remark_id": session.scalars(last_said.where(Message.author_id == house.advisor.id)).first(),
            "answer_id": session.scalars(
                select(RehearsalAnswer.id).where(RehearsalAnswer.candidacy_id == path)
            ).first(),
            "stop_token": unsubscribe_token(session.get_one(NotificationPreference, house.advisor.id)),
            "version_id": house.version_id,
            "identifier": _first_block(session, house.version_id),
            "body_id": house.body_id,
            **house.followed,
            "number": 1,
            "version": 2,
            "step": 1,
            "hint": "everywhere",
            "page": 1,
            "seat": "president",
            "key": "vae",
            "action": "declarer",
        }
