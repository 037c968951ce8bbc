"""Pages of a dossier returned for completion: certifier, candidate, advisor and jury."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.dossier.models.dossier import Narrative
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.enums import StatementKind
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.web.clock import now, today
from tests.factories import PASSWORD
from tests.jury.builders import STATEMENT, Scene, say, scene
from tests.page import CheckedClient

ASKED = {"requests": "1.1 Dites votre rôle.\nJoignez la page 2.", "reason": "La pièce B1-01 est incomplète."}


@pytest.fixture
def made(app, store: Database) -> Scene:
    """A sealed dossier before a jury that sits in two months; its president has read it."""
    found = scene(store, ready=False)
    with store.transaction() as session:
        session.execute(update(JurySession).values(held_on=today() + timedelta(days=60)))
    for kind in (StatementKind.NO_RELATION, StatementKind.READ):
        say(store, found, found.president.id, kind)
    return found


def log_in(client: CheckedClient, person) -> CheckedClient:
    """Another browser, in which this person is logged in."""
    visitor: CheckedClient = client.application.test_client()  # type: ignore[assignment]
    visitor.log_in(person.email, PASSWORD)
    return visitor


def asking(made: Scene) -> str:
    return f"/candidatures/{made.candidacy_id}/complements"


def listed(made: Scene) -> str:
    return f"/dossiers/{made.candidacy_id}/complements"


def ask(client: CheckedClient, made: Scene, **more: str):
    due = (today() + timedelta(days=10)).isoformat()
    return client.send(asking(made), ASKED | {"due_on": due} | more)


def complete(store: Database, made: Scene) -> Submission:
    """Return the candidate changes a narrative and a piece, and seals again."""
    with store.transaction() as session:
        session.scalars(select(Narrative).order_by(Narrative.id)).first().actions = "J’ai mené une étude."
        session.scalars(select(Evidence).order_by(Evidence.number)).first().title = "Contrat complet"
        session.flush()
        return submit(session, made.candidacy_id, STATEMENT, by=made.candidate.id, at=now())


def test_the_certifier_asks_and_an_incomplete_form_loses_nothing(client, store, made):
    client = log_in(client, made.certifier)
    assert "Demander un complément" in client.page(f"/candidatures/{made.candidacy_id}").text
    wrong = client.send(asking(made), {"requests": "Joignez la page 2.", "reason": "", "due_on": ""})
    assert wrong.status_code == 422
    assert "Joignez la page 2." in wrong.text
    many = ask(client, made, requests="\n".join(["un point"] * 13))
    assert many.status_code == 422
    assert "12 points au plus" in many.text
    late = ask(client, made, due_on=(today() + timedelta(days=90)).isoformat())
    assert late.status_code == 409
    assert "Donnez une date avant ce jour" in late.text
    assert ask(client, made).status_code == 303
    page = client.page(asking(made))
    assert "La personne a coché aucun des 2 points." in page.text
    assert "Un complément est demandé au dossier" in client.page(f"/candidatures/{made.candidacy_id}").text


def test_the_candidate_ticks_and_the_advisor_reads(client, store, made):
    ask(log_in(client, made.certifier), made)
    client = log_in(client, made.candidate)
    assert "Complétez votre dossier avant le" in client.page(f"/dossiers/{made.candidacy_id}").text
    page = client.page(listed(made))
    assert "La pièce B1-01 est incomplète." in page.text
    assert "Ouvrir la compétence 1.1" in page.text
    with store.reader() as session:
        (row,) = session.scalars(select(DossierReturn))
        ids = [request.id for request in row.requests]
    for request_id in ids:
        assert client.send(f"{listed(made)}/{request_id}", form=listed(made)).status_code == 303
    assert "Tous les points sont cochés." in client.page(listed(made)).text
    client = log_in(client, made.advisor)
    assert "Le certificateur demande un complément" in client.page(f"/dossiers/{made.candidacy_id}").text
    assert not client.page(listed(made)).all("button", string="C’est fait")


@pytest.mark.records("return_extended", "return_lifted")
def test_an_overdue_return_is_told_on_both_sides_and_the_certifier_decides(client, store, made):
    client = log_in(client, made.certifier)
    ask(client, made)
    with store.transaction() as session:
        session.execute(update(DossierReturn).values(due_on=today() - timedelta(days=1)))
    assert "n’est pas venu" in client.page("/organisme").text
    assert "est passée sans nouveau dépôt" in client.page(asking(made)).text
    client = log_in(client, made.candidate)
    assert "Date dépassée" in client.page(listed(made)).text
    client = log_in(client, made.certifier)
    later = {"due_on": (today() + timedelta(days=20)).isoformat()}
    assert client.send(f"{asking(made)}/date", later, form=asking(made)).status_code == 303
    assert client.send(f"{asking(made)}/date", {"due_on": ""}, form=asking(made)).status_code == 422
    assert client.send(f"{asking(made)}/fin", form=asking(made)).status_code == 303
    client = log_in(client, made.candidate)
    assert client.get(listed(made)).status_code == 303


def test_what_changed_is_read_by_who_read_the_earlier_version(client, store, made):
    ask(log_in(client, made.certifier), made)
    client = log_in(client, made.president)
    hearing = f"/jurys/{made.hearing_id}"
    assert "Une nouvelle version est attendue" in client.page(hearing).text
    second = complete(store, made)
    assert "Le dossier a une nouvelle version" in client.page(hearing).text
    page = client.page(f"{hearing}/changements")
    assert "étude" in page.text
    assert "Contrat complet" in page.text
    assert page.all("ins")
    assert page.all("del")
    assert client.get(f"/depots/{second.id}/changements").status_code == 404
    for person in (made.candidate, made.advisor):
        client = log_in(client, person)
        page = client.page(f"/depots/{second.id}/changements")
        assert "1 texte modifié" in page.text
        assert "1 pièce modifiée" in page.text
    assert "rien à comparer" in client.page(f"/depots/{made.submission_id}/changements").text
    client = log_in(client, made.certifier)
    page = client.page(asking(made))
    assert "1 texte modifié" in page.text
    assert "étude" not in page.text, "how much, never what"


@pytest.mark.records("jury_reads_new_version")
def test_a_member_who_had_not_read_sees_nothing_of_the_earlier_version(client, store, made):
    member = next(person for person in made.members.values() if person.id != made.president.id)
    say(store, made, member.id, StatementKind.NO_RELATION)
    ask(log_in(client, made.certifier), made)
    complete(store, made)
    client = log_in(client, member)
    page = client.page(f"/jurys/{made.hearing_id}/changements")
    assert "aucune version précédente" in page.text
    assert not page.all("del")


def test_the_receipt_of_a_returned_deposit_says_by_when_and_that_of_a_replaced_one_which(client, store, made):
    with store.reader() as session:
        first = session.scalars(select(Submission.id)).one()
    receipt = f"/depots/{first}"
    candidate = log_in(client, made.candidate)
    ask(log_in(client, made.certifier), made)
    page = candidate.page(receipt)
    assert "Complétez votre dossier avant le" in page.text
    assert "Rien à faire pour l’instant" not in page.text
    assert page.all("a", href=listed(made))
    second = complete(store, made).id
    page = candidate.page(receipt)
    assert "Ce dépôt est remplacé" in page.text
    assert page.all("a", href=f"/depots/{second}")
    assert "Ce dépôt est remplacé" not in candidate.page(f"/depots/{second}").text
