"""From the seal to the certificate: juries sit, decide, rectify, tell."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.domain.candidacy.models import SealedFile
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.use_cases.evidence import remove_evidence
from portfolio.domain.holdings.models.events import Appeal, Observation, ObservationInvitation
from portfolio.domain.holdings.models.grants import Grant
from portfolio.domain.holdings.rules.status_changes import AppealKind, ObservationManner
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.jury.models.statements import SignedDocument
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Gender, Outcome, StatementKind
from portfolio.domain.jury.rules.juror_card import MemberInput, Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.opinions import InterviewInput, InterviewKind, NoteInput, NoteKind, OpinionInput
from portfolio.domain.jury_session.use_cases import ballots, declarations, deliberation, interview, minutes, reading
from portfolio.domain.jury_session.use_cases import closing as use_cases
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.ledger.recording import append
from portfolio.domain.notification.rules.letter import MissingCompetencyText as Told
from portfolio.domain.notification.use_cases.notifying import notify
from portfolio.domain.submission.use_cases.submit import open_next_draft, submit
from tests import factories
from tests.jury import builders
from tests.rights.fixtures_world import READERS, SAT, SEATED, Building, House
from tests.rights.leak_markers import Canary, colour_pdf


def seal(made: Building, tag: str) -> None:
    """The candidate deposits, a week before their jury."""
    place, sealed_at = made.world.places[tag], made.at - timedelta(days=SAT.get(tag, 1) + 7)
    with made.database.transaction() as session:
        by = made.world.people[f"candidate {tag}"]
        submission = submit(session, place["candidacy_id"], builders.STATEMENT, by=by, at=sealed_at)
        place["submission_id"] = submission.id
    with made.database.reader() as session:
        versions = select(EvidenceFile.key).where(EvidenceFile.evidence_id == place["evidence_id"])
        key = session.scalars(versions.order_by(EvidenceFile.number.desc())).first()
        place["label"] = session.scalars(select(SealedFile.exhibit).where(SealedFile.key == key)).one()


def sit(made: Building, house: House, tag: str) -> None:
    """Plan, name the seven, hear; the teacher recuses, their substitute sits, one substitute stays silent."""
    place, day = made.world.places[tag], made.at - timedelta(days=SAT.get(tag, 0))
    before, by = day - timedelta(days=5), house.certifier.id
    with made.database.transaction() as session:
        planned = _planned(made, session, house, day, SEATED)
        planning_use_cases.justify_parity(session, planned, str(Canary(house.tag, "parity")), by=by, at=before)
        hearing = planning_use_cases.add_hearing(session, planned, place["submission_id"], by=by, at=before)
        place |= {"session_id": planned, "hearing_id": hearing.id}
        builders.summon_session(session, planned, before)
        _declare(made, session, house, tag, before)
        declarations.check_presence(
            session, hearing.id, [house.jurors[what].id for what in READERS], Attendance.HEARD, by=by, at=day
        )
        _note(session, house, place, tag, day)
        note = NoteInput(NoteKind.NOTE, str(Canary(tag, "jurornote")))
        _opine(session, house, place, tag, day)
        place["note_id"] = reading.write_note(session, hearing.id, note, by=house.jurors["employee"].id, at=day).id
    _decide(made, house, tag, day)
    _remember(made, house, tag)
    with made.database.reader() as session:
        scan = (
            SignedDocument.session_id == place["session_id"],
            SignedDocument.name.contains(str(Canary(tag, "paper"))),
        )
        place["document_id"] = session.scalars(select(SignedDocument.id).where(*scan)).one()


def call(made: Building, house: House, tag: str, beside: str) -> None:
    """Plan a jury of men for tomorrow, for two candidates; one member has declared before the first, and not read."""
    place, by = made.world.places[tag], house.certifier.id
    men = tuple((what, replace(naming, gender=Gender.MAN)) for what, naming in SEATED)
    with made.database.transaction() as session:
        planned = _planned(made, session, house, made.at + timedelta(days=1), men)
        hearing = planning_use_cases.add_hearing(session, planned, place["submission_id"], by=by, at=made.at)
        listed = planning_use_cases.add_hearing(
            session, planned, made.world.places[beside]["submission_id"], by=by, at=made.at
        )
        made.world.places[beside]["hearing_id"] = listed.id
        place |= {"session_id": planned, "hearing_id": hearing.id}
        builders.summon_session(session, planned, made.at)
        who = house.jurors["employee"].id
        declarations.record_statement(
            session, hearing.id, MemberDeclarations(who, StatementKind.NO_RELATION), by=who, at=made.at
        )
    _remember(made, house, tag)


def _planned(
    made: Building, session: Session, house: House, day: datetime, seated: tuple[tuple[str, MemberInput], ...]
) -> UUID:
    by, before = house.certifier.id, day - timedelta(days=5)
    act = made.keep(house.tag, "act", colour_pdf(str(Canary(house.tag, "actfile")), (255, 255, 255)))
    planning = Planning(house.version_id, day_of(day), str(Canary(house.tag, "place")))
    planned = planning_use_cases.plan_session(session, house.body_id, planning, by=by, at=before)
    for what, naming in seated:
        ties = tuple(replace(tie, organisation=str(Canary(house.tag, "ties"))) for tie in naming.ties)
        named = replace(naming, email=house.jurors[what].email, name=house.jurors[what].name, ties=ties)
        planning_use_cases.name_member(
            session, planned.id, named, act if named.appointed_on else None, by=by, at=before
        )
        session.flush()
        session.expire_all()
    return planned.id


def _remember(made: Building, house: House, tag: str) -> None:
    """The ids of the president's seat and of the act that appointed them."""
    place = made.world.places[tag]
    with made.database.reader() as session:
        there = JuryMember.session_id == place["session_id"]
        place["member_id"] = session.scalars(
            select(JuryMember.id).where(there, JuryMember.seat == Seat.PRESIDENT)
        ).one()
        act = (
            SignedDocument.session_id == place["session_id"],
            SignedDocument.name.contains(str(Canary(house.tag, "act"))),
        )
        place["act_id"] = session.scalars(select(SignedDocument.id).where(*act)).one()


def _declare(made: Building, session: Session, house: House, tag: str, at: datetime) -> None:
    hearing = made.world.places[tag]["hearing_id"]
    scan = made.keep(tag, "paper", colour_pdf(str(Canary(tag, "paperfile")), (255, 255, 255)))
    for what in READERS:
        person = house.jurors[what].id
        on_paper = (scan, house.certifier.id) if what == "director" else (None, person)
        signed = day_of(at) if on_paper[0] else None
        for kind in (StatementKind.NO_RELATION, StatementKind.READ):
            declarations.record_statement(
                session, hearing, MemberDeclarations(person, kind, signed_on=signed), on_paper[0], by=on_paper[1], at=at
            )
    teacher = house.jurors["teacher"].id
    # Who declared first and recuses later reads nothing more: the declaration alone must not let them in.
    declarations.record_statement(
        session, hearing, MemberDeclarations(teacher, StatementKind.NO_RELATION), by=teacher, at=at
    )
    recusal = MemberDeclarations(teacher, StatementKind.RECUSAL, str(Canary(tag, "recusal")))
    declarations.record_statement(session, hearing, recusal, by=teacher, at=at)


def _note(session: Session, house: House, place: Mapping[str, object], tag: str, at: datetime) -> None:
    """The president refuses the last competency, and the block with it."""
    by, hearing = house.jurors["president"].id, place["hearing_id"]
    blocks = session.get_one(factories.CertificationVersion, house.version_id).blocks
    for block in blocks:
        for competency in block.competencies:
            refused = competency.id == place["competency_id"]
            value = FindingValue.NOT_ACQUIRED if refused else FindingValue.ACQUIRED
            record = FindingRecord(value, str(Canary(tag, "finding")) if refused else "")
            deliberation.record_finding(session, hearing, competency.id, record, revision=0, by=by, at=at)
        decision = DecisionRecord(Outcome.VALIDATED)
        if block.id == place["block_id"]:
            reason, advice = str(Canary(tag, "reason")), str(Canary(tag, "advice"))
            decision = DecisionRecord(Outcome.NOT_VALIDATED, reason, "", advice)
        deliberation.record_decision(session, hearing, block.id, decision, revision=0, by=by, at=at)


def _opine(session: Session, house: House, place: dict[str, object], tag: str, at: datetime) -> None:
    """One member writes an opinion that is not given yet, and a line of the interview sheet."""
    by, hearing, competency = house.jurors["employee"].id, place["hearing_id"], place["competency_id"]
    opinion = OpinionInput(FindingValue.PARTIALLY, str(Canary(tag, "opinion")))
    deliberation.record_opinion(session, hearing, competency, opinion, revision=0, by=by, at=at)
    line = InterviewInput(InterviewKind.INTERVIEW, "x", str(Canary(tag, "heardline")), by, competency)
    president, block = house.jurors["president"].id, place["block_id"]
    ballot = ballots.open_ballot(session, hearing, block, by=president, at=at)
    ballots.close_ballot(session, hearing, ballot.id, by=president, at=at)
    place["ballot_id"] = ballot.id
    place["entry_id"] = interview.write_entry(session, hearing, line, by=by, at=at).id


def _decide(made: Building, house: House, tag: str, day: datetime) -> None:
    """Close, rectify, tell; `heard` stays before its jury, `closed` and `beside` are not told yet."""
    place = made.world.places[tag]
    if tag in {"heard", "beside"}:
        return
    closed = min(day + timedelta(hours=3), made.at)  # never before the day of the session, just after midnight either
    with made.database.transaction() as session:
        use_cases.close(session, place["hearing_id"], by=house.jurors["president"].id, at=closed)
        minutes.rectify(session, place["hearing_id"], str(Canary(tag, "rectified")), by=house.certifier.id, at=made.at)
        _contest(session, house, place, made.at)
        if tag != "closed":
            told = Told(str(Canary(tag, "missing")), "x", "x", "x")
            notify(session, place["candidacy_id"], 1, {"4.3": told}, by=house.certifier.id, at=made.at)
    if tag == "reopened":
        _reopen(made, place, tag)


def _contest(session: Session, house: House, place: dict[str, object], at: datetime) -> None:
    """The holder was invited to explain themselves and was heard; an appeal was received.

    No letter is sent.
    """
    of_hearing = select(Minutes.id).where(Minutes.hearing_id == place["hearing_id"])
    minutes_id = session.scalars(of_hearing).one()
    grant = session.scalars(select(Grant.id).where(Grant.minutes_id == minutes_id)).first()
    by, day = {"recorded_at": at, "recorded_by": house.certifier.id}, day_of(at)
    invitation = ObservationInvitation(
        grant_id=grant, facts="x", invited_on=day, answer_by=day + timedelta(days=20), **by
    )
    session.add(invitation)
    session.flush()
    observation = Observation(invitation_id=invitation.id, manner=ObservationManner.HEARD, given_on=day, **by)
    dates = {"filed_on": day, "received_on": day, "answer_by": day + timedelta(days=60)}
    appeal = Appeal(minutes_id=minutes_id, kind=AppealKind.CERTIFIER, grounds="x", **dates, **by)
    session.add_all([observation, appeal])
    session.flush()
    append(session, [invitation, observation, appeal], at=at)
    place |= {"invitation_id": invitation.id, "observation_id": observation.id, "appeal_id": appeal.id}


def _reopen(made: Building, place: Mapping[str, object], tag: str) -> None:
    by = made.world.people[f"candidate {tag}"]
    with made.database.transaction() as session:
        open_next_draft(session, place["candidacy_id"], by=by, at=made.at)
        session.get_one(Evidence, place["evidence_id"]).title = str(Canary(tag, "newtitle"))
        erased = session.scalars(
            select(Evidence).where(Evidence.candidacy_id == place["candidacy_id"], Evidence.number == 10)
        ).one()
        key = erased.files[0].key
        remove_evidence(session, place["candidacy_id"], erased.id, by=by, at=made.at)
        label = session.scalars(select(SealedFile.exhibit).where(SealedFile.key == key)).one()
        made.world.places["erased"] = {**place, "evidence_id": erased.id, "label": label}
