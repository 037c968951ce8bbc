"""Two juries on two days: the first hears two candidates and one of its members is recused for one of them."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.rules.enums import Attendance, StatementKind
from portfolio.domain.jury.rules.juror_card import Planning
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury_session.use_cases import declarations
from portfolio.domain.jury_session.use_cases import planning as planning_use_cases
from portfolio.domain.submission.use_cases.submit import submit
from tests import factories
from tests.jury.builders import DAY, FIVE, SEALED_AT, STATEMENT, SUBSTITUTE, Scene, act, name, on_the_day, scene

BARRED = Seat.TEACHER_TRAINER


@dataclass
class Heard:
    """A candidate on a list: who, and the ids of what is theirs."""

    person: Person
    candidacy_id: UUID
    submission_id: UUID
    session_id: UUID
    hearing_id: UUID


@dataclass
class Benches:
    """The first session's jury and its two candidates, its substitute; the other session's candidate and jury."""

    scene: Scene
    substitute: Person
    barred_from: Heard
    open_to_all: Heard
    elsewhere: Heard
    others: dict[Seat, Person]

    @property
    def barred(self) -> Person:
        """Return the member who is recused for the first candidate."""
        return self.scene.members[BARRED]


def benches(db: Database, held_on: date = DAY, *, said: bool = True) -> Benches:
    """Both sessions; `said`: everyone declared, read and is there, the recused member's substitute in their place."""
    made = scene(db, ready=False, held_on=held_on)
    with db.transaction() as session:
        ivan = factories.person(session, SUBSTITUTE.name, SUBSTITUTE.email)
    name(db, made, SUBSTITUTE)
    with db.transaction() as session:
        second = candidate_before(session, made, "Yanis Cordier", made.session_id)
        planning = Planning(made.version_id, held_on, "Lyon")
        jury = planning_use_cases.plan_session(session, made.body_id, planning, by=made.certifier.id, at=SEALED_AT)
        others = {}
        for naming in FIVE:
            there = replace(naming, name=f"{naming.name} (Lyon)", email=f"lyon-{naming.email}")
            others[naming.seat] = factories.person(session, there.name, there.email)
            paper = act() if naming.appointed_on else None
            planning_use_cases.name_member(session, jury.id, there, paper, by=made.certifier.id, at=SEALED_AT)
        third = candidate_before(session, made, "Nora Weber", jury.id)
        first = Heard(made.candidate, made.candidacy_id, made.submission_id, made.session_id, made.hearing_id)
        found = Benches(made, ivan, first, second, third, others)
        if said:
            _get_ready(session, found)
    return found


def candidate_before(session: Session, made: Scene, called: str, session_id: UUID) -> Heard:
    """One more candidate on a list: a complete dossier, sealed."""
    version = session.get_one(CertificationVersion, made.version_id)
    candidate = factories.person(session, called)
    candidacy = factories.candidacy(session, version, candidate)
    factories.fill(session, candidacy.id, [competency for block in version.blocks for competency in block.competencies])
    sealed = submit(session, candidacy.id, STATEMENT, by=candidate.id, at=SEALED_AT)
    hearing = planning_use_cases.add_hearing(session, session_id, sealed.id, by=made.certifier.id, at=SEALED_AT)
    return Heard(candidate, candidacy.id, sealed.id, session_id, hearing.id)


def _get_ready(session: Session, made: Benches) -> None:
    first, certifier = made.scene.members.values(), made.scene.certifier.id
    declarations.record_statement(
        session,
        made.barred_from.hearing_id,
        MemberDeclarations(made.barred.id, StatementKind.RECUSAL),
        by=made.barred.id,
        at=SEALED_AT,
    )
    everyone = {
        made.barred_from.hearing_id: [*(one.id for one in first if one.id != made.barred.id), made.substitute.id],
        made.open_to_all.hearing_id: [one.id for one in first],
        made.elsewhere.hearing_id: [one.id for one in made.others.values()],
    }
    for hearing_id, people in everyone.items():
        for person in people:
            for kind in (StatementKind.NO_RELATION, StatementKind.READ):
                declarations.record_statement(
                    session, hearing_id, MemberDeclarations(person, kind), by=person, at=SEALED_AT
                )
        declarations.check_presence(
            session, hearing_id, people, Attendance.HEARD, by=certifier, at=on_the_day(session, hearing_id)
        )
