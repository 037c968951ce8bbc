"""Everybody speaks under the name that the body of the dossier typed, whatever name another body gave them. On both stores."""

from __future__ import annotations

from datetime import timedelta

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.candidacy.rules import Someone
from portfolio.candidacy.services import assign_advisor
from portfolio.db import Database
from portfolio.review.rules import MarkValue
from portfolio.review.services import basis_of, find_competency_page, mark_competency, marks_of, say, thread_of
from tests.factories import AT, World

LATER = AT + timedelta(hours=1)


def known_elsewhere(db: Database, made: World) -> None:
    """The accounts bear names that another body gave; this one typed its own."""
    with db.transaction() as session:
        for person in (made.candidate, made.advisor):
            session.get_one(Person, person.id).name = "Nom d’ailleurs"
        session.get_one(Candidacy, made.candidacy.id).candidate_named = "Samia Ici"
        typed = Someone(made.advisor.email, "Claire Ici")
        assign_advisor(session, made.candidacy.id, typed, by=made.certifier.id, at=AT)


def talk(db: Database, made: World) -> None:
    path, about = made.candidacy.id, made.competencies[0].id
    with db.transaction() as session:
        digest, seen = basis_of(session, path, about)
        mark_competency(session, path, about, MarkValue.PARTLY, "À préciser.", f"{digest} {seen}", by=made.advisor.id, at=AT)
        say(session, path, about, "Que puis-je ajouter ?", by=made.candidate.id, at=LATER)
        say(session, path, about, "Un exemple daté.", by=made.advisor.id, at=LATER + timedelta(minutes=1))


def names(db: Database, made: World) -> tuple[list[str], str, str]:
    path, about = made.candidacy.id, made.competencies[0].id
    with db.reader() as session:
        thread = [one.author_name for one in thread_of(session, path, about, made.candidate.id)]
        page = find_competency_page(session, path, about, made.advisor.id)
        return thread, marks_of(session, path)[about].advisor_name, page.mark.advisor_name


def test_each_speaks_under_the_name_that_was_typed_here(db: Database, made: World) -> None:
    known_elsewhere(db, made)
    talk(db, made)
    assert names(db, made) == (["Claire Ici", "Samia Ici", "Claire Ici"], "Claire Ici", "Claire Ici")


def test_what_a_former_advisor_said_keeps_the_name_they_had_here(db: Database, made: World) -> None:
    known_elsewhere(db, made)
    talk(db, made)
    with db.transaction() as session:
        assign_advisor(session, made.candidacy.id, Someone("autre@exemple.fr", "Un Autre"), by=made.certifier.id, at=LATER)
    assert names(db, made)[0] == ["Claire Ici", "Samia Ici", "Claire Ici"]


def test_in_a_candidacy_of_before_the_account_names_them(db: Database, made: World) -> None:
    talk(db, made)
    assert names(db, made)[0] == [made.advisor.name, made.candidate.name, made.advisor.name]
