"""Juries sit: a session with its five members, what the president records, the closing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from uuid import UUID

from demo.builder import Stage, Walk
from demo.jurors import FIVE, HOUSE, PRESIDENT
from demo.sample_documents import Paper, content_of
from portfolio.calendar import day_of
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile, UploadBatch, upload_batch
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.deliberation import DecisionRecord, FindingRecord
from portfolio.domain.jury.rules.enums import Attendance, FindingValue, Outcome, StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.juror_sheet import FeeRates
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.passage import ScheduleInput, SessionHours
from portfolio.domain.jury_session.use_cases.closing import close
from portfolio.domain.jury_session.use_cases.declarations import check_presence, record_statement
from portfolio.domain.jury_session.use_cases.deliberation import record_decision, record_finding
from portfolio.domain.jury_session.use_cases.fees import save_rates
from portfolio.domain.jury_session.use_cases.planning import add_hearing, add_hearings, name_member, plan_session
from portfolio.domain.jury_session.use_cases.pool import find_juror_by_email
from portfolio.domain.jury_session.use_cases.reading import record_opening
from portfolio.domain.jury_session.use_cases.schedule import set_schedule, write_due_summons
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier

# What each member signs before the day: no relation, then the reading.
SIGNED = (StatementKind.NO_RELATION, StatementKind.READ)
ACQUIRED = FindingRecord(FindingValue.ACQUIRED)
VALIDATED = DecisionRecord(Outcome.VALIDATED)


@dataclass(frozen=True)
class Verdict:
    """What a jury finds beyond « acquired », and which blocks it refuses, with its reasons."""

    findings: Mapping[str, FindingRecord]
    refused: Mapping[int, DecisionRecord]


# From nine to five, fifty minutes a candidate, an hour for lunch.
HOURS = SessionHours(9 * 60, 17 * 60, 50, 10, 12 * 60 + 30, 13 * 60 + 30)
DAY_CONTACT = "Accueil de l’institut, 02 99 00 00 00"


# What the body pays for a session, a candidate heard and a kilometre.
RATES = FeeRates(session_cents=120_00, hearing_cents=35_00, km_cents=52)
# How far members live, in kilometres; of the others nobody has asked.
DISTANCES = {FIVE[0].email: 6, FIVE[1].email: 74}


def partly(reason: str) -> FindingRecord:
    """Partially acquired, and why."""
    return FindingRecord(FindingValue.PARTIALLY, reason)


def missing(reason: str) -> FindingRecord:
    """Not acquired, and why."""
    return FindingRecord(FindingValue.NOT_ACQUIRED, reason)


def refused(reason: str, recommendation: str) -> DecisionRecord:
    """A block that is not validated, why, and what to prepare."""
    return DecisionRecord(Outcome.NOT_VALIDATED, reason, "", recommendation)


def plan(stage: Stage, held: datetime, place: str, at: datetime, hours: SessionHours = HOURS) -> UUID:
    """Plan the day of a jury and name its five members."""
    with upload_batch(stage.files, stage.limit) as batch, stage.database.transaction() as session:
        document = _appointment(batch)
        planning = Planning(stage.version_id, day_of(held), place)
        jury = plan_session(session, stage.body_id, planning, by=stage.certifier, at=at)
        day = ScheduleInput(planning.held_on, place, hours=hours, day_contact=DAY_CONTACT)
        set_schedule(session, jury.id, day, revision=0, by=stage.certifier, at=at)
        for number, naming in enumerate(FIVE, 1):
            named_at = min(at + timedelta(minutes=3 * number), stage.now)
            paper = document if naming.appointed_on else None
            name_member(session, jury.id, naming, paper, by=stage.certifier, at=named_at)
        batch.keep()
        return jury.id


def _appointment(batch: UploadBatch) -> ReceivedFile:
    """Receive the act by which the director names the president (J4)."""
    return batch.store_file("acte-de-nomination.pdf", BytesIO(_appointment_pdf()))


@cache
def _appointment_pdf() -> bytes:
    """Return the act, typeset once for all the juries."""
    return content_of(Paper.APPOINTMENT, HOUSE, "janvier 2020")


def get_ready(stage: Stage, hearing_id: UUID, at: datetime) -> None:
    """Each member declares that no relation exists, opens every exhibit, attests to have read."""
    members = [stage.people[naming.email] for naming in FIVE]
    with stage.database.transaction() as session:
        submission = session.get_one(Submission, session.get_one(Hearing, hearing_id).submission_id)
        dossier = load_sealed_dossier(session, submission.id)
        for number, person in enumerate(members):
            declared = min(at + timedelta(minutes=17 * number), stage.now)
            no_relation, read = (MemberDeclarations(person, kind) for kind in SIGNED)
            record_statement(session, hearing_id, no_relation, by=person, at=declared)
            stage.open_dossier(
                session, person, submission.candidacy_id, min(declared + timedelta(minutes=5), stage.now)
            )
            for place, exhibit in enumerate(dossier.exhibits):
                opened = min(declared + timedelta(minutes=10 + 4 * place), stage.now)
                record_opening(session, hearing_id, exhibit.label, 1, by=person, at=opened)
            attested = min(declared + timedelta(hours=3), stage.now)
            record_statement(session, hearing_id, read, by=person, at=attested)


def open_sitting(stage: Stage, hearing_id: UUID, at: datetime) -> None:
    """On the day, the president notes that everyone is there."""
    members = [stage.people[naming.email] for naming in FIVE]
    with stage.database.transaction() as session:
        check_presence(session, hearing_id, members, Attendance.HEARD, by=stage.people[PRESIDENT.email], at=at)


def call(stage: Stage, session_id: UUID, submission_id: UUID, at: datetime) -> UUID:
    """Put a sealed dossier on the list of a session, write the summons that are due; answer its hearing."""
    with stage.database.transaction() as session:
        hearing = add_hearing(session, session_id, submission_id, by=stage.certifier, at=at)
        write_due_summons(session, hearing.session, by=stage.certifier, at=at)
        return hearing.id


def call_all(
    stage: Stage, session_id: UUID, walks: Sequence[Walk], submissions: Sequence[UUID], at: datetime
) -> list[UUID]:
    """Put the sealed records of a class on the list of a session, write the summons; answer the hearings."""
    names = {submission: walk.name for walk, submission in zip(walks, submissions, strict=True)}
    with stage.database.transaction() as session:
        hearings = add_hearings(session, session_id, names, by=stage.certifier, at=at)
        write_due_summons(session, hearings[0].session, by=stage.certifier, at=at)
        return [hearing.id for hearing in hearings]


def find(stage: Stage, hearing_id: UUID, label: str, record: FindingRecord, at: datetime) -> None:
    """The president records what is found on one competency."""
    president = stage.people[PRESIDENT.email]
    with stage.database.transaction() as session:
        record_finding(session, hearing_id, stage.competencies[label], record, revision=0, by=president, at=at)


def decide(stage: Stage, hearing_id: UUID, block: int, record: DecisionRecord, at: datetime) -> None:
    """The president records what is intended for one block."""
    president = stage.people[PRESIDENT.email]
    with stage.database.transaction() as session:
        record_decision(session, hearing_id, stage.blocks[block], record, revision=0, by=president, at=at)


def judge(stage: Stage, hearing_id: UUID, blocks: tuple[int, ...], verdict: Verdict, at: datetime) -> None:
    """Deliberate on the blocks presented, then close the minutes: what follows is granted for ever."""
    get_ready(stage, hearing_id, at - timedelta(days=6))
    open_sitting(stage, hearing_id, at)
    for label in (label for label in stage.competencies if int(label[0]) in blocks):
        find(stage, hearing_id, label, verdict.findings.get(label, ACQUIRED), at)
    for block in blocks:
        decide(stage, hearing_id, block, verdict.refused.get(block, VALIDATED), at + timedelta(minutes=20))
    with stage.database.transaction() as session:
        close(session, hearing_id, by=stage.people[PRESIDENT.email], at=at + timedelta(minutes=45))


def set_fees(stage: Stage, at: datetime) -> None:
    """Set what members of a jury are paid, and how far two of them live."""
    with stage.database.transaction() as session:
        save_rates(session, stage.body_id, RATES, revision=0, by=stage.certifier, at=at)
        for email, distance in DISTANCES.items():
            juror = find_juror_by_email(session, stage.body_id, email)
            if juror is not None:
                juror.distance_km = distance
