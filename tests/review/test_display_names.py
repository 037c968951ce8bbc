"""Everybody speaks under the name that the body of the dossier typed, whatever name another body gave them.

On both stores.
"""

from datetime import timedelta

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.admissibility.use_cases.opening import assign_advisor
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.dossier.rules.assessment import Assessment
from portfolio.domain.review.use_cases.assessments import assess_competency, load_review_basis, load_reviews
from portfolio.domain.review.use_cases.messages import post_message
from portfolio.domain.review.use_cases.thread import load_thread
from portfolio.screens.advisor.dossier.queries import find_competency_page
from tests.factories import AT, World

LATER = AT + timedelta(hours=1)


def known_elsewhere(db: Database, made: World) -> None:
    """The accounts bear names that another body gave; this one typed its own."""
    with db.transaction() as session:
        for person in (made.candidate, made.advisor):
            session.get_one(Person, person.id).name = "Nom d’ailleurs"
        session.get_one(Candidacy, made.candidacy.id).candidate_display_name = "Samia Ici"
        typed = PersonInput(made.advisor.email, "Claire Ici")
        assign_advisor(session, made.candidacy.id, typed, by=made.certifier.id, at=AT)


def talk(db: Database, made: World) -> None:
    path, about = made.candidacy.id, made.competencies[0].id
    with db.transaction() as session:
        digest, seen = load_review_basis(session, path, about)
        assess_competency(
            session, path, about, Assessment.PARTLY, "À préciser.", f"{digest} {seen}", by=made.advisor.id, at=AT
        )
        post_message(session, path, about, "Que puis-je ajouter ?", by=made.candidate.id, at=LATER)
        post_message(session, path, about, "Un exemple daté.", by=made.advisor.id, at=LATER + timedelta(minutes=1))


def names(db: Database, made: World) -> tuple[list[str], str, str]:
    path, about = made.candidacy.id, made.competencies[0].id
    with db.reader() as session:
        thread = [thread_entry.author_name for thread_entry in load_thread(session, path, about, made.candidate.id)]
        page = find_competency_page(session, path, about, made.advisor.id)
        return thread, load_reviews(session, path, [about])[about].advisor_name, page.mark.advisor_name


def test_each_speaks_under_the_name_that_was_typed_here(db: Database, made: World) -> None:
    known_elsewhere(db, made)
    talk(db, made)
    assert names(db, made) == (["Claire Ici", "Samia Ici", "Claire Ici"], "Claire Ici", "Claire Ici")


def test_what_a_former_advisor_said_keeps_the_name_they_had_here(db: Database, made: World) -> None:
    known_elsewhere(db, made)
    talk(db, made)
    with db.transaction() as session:
        assign_advisor(
            session, made.candidacy.id, PersonInput("autre@exemple.fr", "Un Autre"), by=made.certifier.id, at=LATER
        )
    assert names(db, made)[0] == ["Claire Ici", "Samia Ici", "Claire Ici"]


def test_in_a_candidacy_of_before_the_account_names_them(db: Database, made: World) -> None:
    talk(db, made)
    assert names(db, made)[0] == [made.advisor.name, made.candidate.name, made.advisor.name]
