"""Apprentices: a class of last year that obtained the short title, and one of eight whose jury sits next week."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from demo import jury_sessions, notifications, sample_decisions, signatures
from demo.builder import Stage, Walk
from demo.jurors import EMPLOYEE, FIVE
from demo.scenarios import ROOM
from portfolio.calendar import day_of
from portfolio.domain.admissibility.use_cases import accommodations
from portfolio.domain.assessment.rules import AssessmentOutcome
from portfolio.domain.assessment.use_cases.cohorts import NewCohort, assign_cohort, create_cohort
from portfolio.domain.assessment.use_cases.grids import GridEntry, record_grid
from portfolio.domain.assessment.use_cases.plans import plan_from_entry, planned_lines
from portfolio.domain.assessment.use_cases.results import NewResult
from portfolio.domain.candidacy.models import Accommodation
from portfolio.domain.candidacy.rules.opening import AccommodationOutcome, Arrangement, Birth, PersonInput
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.jury.rules.member_status import MemberDeclarations
from portfolio.domain.jury.rules.passage import SessionHours
from portfolio.domain.jury_session.use_cases.declarations import record_statement
from portfolio.domain.submission.use_cases.assessment_record import seal_record

MALO = PersonInput("malo.kervella@exemple.fr", "Malo Kervella")
# Eight days of work in one: from half past eight to six, fifty minutes a candidate, an hour for lunch.
HOURS = SessionHours(8 * 60 + 30, 18 * 60, 50, 5, 12 * 60 + 30, 13 * 60 + 30)
TRAINER = "Solenn Prigent, formatrice"
_PASSED, _FAILED = AssessmentOutcome.PASSED, AssessmentOutcome.FAILED
MARKS = ("14/20", "12/20", "15/20", "11/20", "16/20", "13/20")


@dataclass(frozen=True)
class Promotion:
    """A class: its name, who is in it, and how many days ago it began and was assessed."""

    name: str
    people: Sequence[PersonInput]
    began: int
    assessed: int
    failed: frozenset[tuple[int, int]] = field(default_factory=frozenset)


LAST_YEAR = Promotion(
    "Apprentissage, promotion précédente",
    (
        PersonInput("gwenaelle.ollivier@exemple.fr", "Gwenaëlle Ollivier"),
        PersonInput("hugo.masson@exemple.fr", "Hugo Masson"),
    ),
    began=424,
    assessed=235,
)
EIGHT = Promotion(
    "Apprentissage, promotion en cours",
    (
        MALO,
        PersonInput("lina.bouzid@exemple.fr", "Lina Bouzid"),
        PersonInput("erwan.tanguy@exemple.fr", "Erwan Tanguy"),
        PersonInput("jade.lemonnier@exemple.fr", "Jade Lemonnier"),
        PersonInput("noe.dupuis@exemple.fr", "Noé Dupuis"),
        PersonInput("awa.ndiaye@exemple.fr", "Awa Ndiaye"),
        PersonInput("titouan.riou@exemple.fr", "Titouan Riou"),
        PersonInput("ines.carvalho@exemple.fr", "Inès Carvalho"),
    ),
    began=320,
    assessed=26,
    failed=frozenset({(2, 1)}),
)


def last_year(stage: Stage) -> None:
    """Two apprentices obtained the short title last year; what became of them is asked six months later."""
    stage = stage.short
    with stage.database.transaction() as session:
        plan_from_entry(session, stage.version_id, by=stage.certifier, at=stage.ago(425))
    walks = _train(stage, LAST_YEAR)
    sealed = _seal(stage, walks, stage.ago(233))
    sits = stage.weekday_ago(215)
    day = jury_sessions.plan(stage, stage.ago(sits), ROOM, stage.ago(232))
    for number, (walk, submission) in enumerate(zip(walks, sealed, strict=True)):
        hearing = jury_sessions.call(stage, day, submission, stage.ago(230))
        jury_sessions.judge(stage, hearing, (1, 2), sample_decisions.WHOLE, stage.ago(sits, 10 + number))
        notifications.tell(stage, walk, 1, notifications.ALL_GIVEN, stage.ago(sits - 4, 10))
    signatures.sign_all(stage, stage.ago(sits - 2, 16))


def before_the_jury(stage: Stage) -> None:
    """Eight apprentices are sealed and called; every juror but one has declared that no relation exists."""
    stage = stage.short
    walks = _train(stage, EIGHT)
    _arrange(stage, walks[0])
    sealed = _seal(stage, walks, stage.ago(24))
    sits = stage.ahead(9)
    day = jury_sessions.plan(stage, sits, ROOM, stage.ago(22), HOURS)
    hearings = jury_sessions.call_all(stage, day, walks, sealed, stage.ago(20))
    for number, naming in enumerate(each for each in FIVE if each is not EMPLOYEE):
        _declare(stage, hearings, stage.people[naming.email], stage.ago(12, 9 + number))


def _train(stage: Stage, promotion: Promotion) -> list[Walk]:
    """Open the candidacies of a class and record what its trainers assessed."""
    began = stage.ago(promotion.began, 9)
    with stage.database.transaction() as session:
        ends_on = day_of(began) + timedelta(days=365)
        new = NewCohort(stage.version_id, Route.APPRENTICESHIP, promotion.name, day_of(began), ends_on)
        cohort = create_cohort(session, stage.body_id, new, by=stage.certifier, at=began).id
        planned = [line.id for line in planned_lines(session, stage.version_id)]
    walks = [stage.open(who, day_of(began), None, began, route=Route.APPRENTICESHIP) for who in promotion.people]
    for number, walk in enumerate(walks):
        stage.born(walk, Birth(date(2003, 3 + number, 12), "Rennes"), began)
    assessed = stage.ago(promotion.assessed, 17)
    entries = [
        GridEntry(walk.candidacy_id, _result(promotion, planned, number, rank, assessed), None)
        for number, walk in enumerate(walks)
        for rank in range(len(planned))
    ]
    with stage.database.transaction() as session:
        for walk in walks:
            assign_cohort(session, walk.candidacy_id, cohort, by=stage.certifier, at=began)
        record_grid(session, entries, by=stage.certifier, at=assessed)
    return walks


def _result(promotion: Promotion, planned: Sequence[UUID], number: int, rank: int, assessed: datetime) -> NewResult:
    is_failed = (number, rank) in promotion.failed
    mark = "8/20" if is_failed else MARKS[(number + rank) % len(MARKS)]
    outcome = _FAILED if is_failed else _PASSED
    return NewResult(planned[rank], day_of(assessed) - timedelta(days=5), TRAINER, outcome, mark)


def _seal(stage: Stage, walks: Sequence[Walk], at: datetime) -> list[UUID]:
    """Seal the record of each; answer the submissions."""
    with stage.database.transaction() as session:
        return [seal_record(session, walk.candidacy_id, by=stage.certifier, at=at).id for walk in walks]


def _arrange(stage: Stage, walk: Walk) -> None:
    """Malo asked for a longer interview, and has it."""
    asked = "Je suis dyslexique. Je voudrais plus de temps, et lire les questions en même temps que je les entends."
    given = Arrangement(
        AccommodationOutcome.GRANTED, "Les questions sont aussi données par écrit, en grands caractères.", 15
    )
    arrange(stage, walk, asked, given, (stage.ago(60, 18), stage.ago(55, 11)))


def arrange(stage: Stage, walk: Walk, asked: str, given: Arrangement, at: tuple[datetime, datetime]) -> None:
    """A candidate asks for an arrangement, and the body decides."""
    with stage.database.transaction() as session:
        accommodations.ask(session, walk.candidacy_id, asked, by=walk.candidate_id, at=at[0])
        session.flush()
        row = session.scalars(select(Accommodation.id).where(Accommodation.candidacy_id == walk.candidacy_id)).one()
        accommodations.decide(session, walk.candidacy_id, row, given, by=stage.certifier, at=at[1])


def _declare(stage: Stage, hearings: Sequence[UUID], person: UUID, at: datetime) -> None:
    """A juror declares before each candidate of the class."""
    with stage.database.transaction() as session:
        for hearing in hearings:
            no_relation = MemberDeclarations(person, StatementKind.NO_RELATION)
            record_statement(session, hearing, no_relation, by=person, at=at)
