"""One candidate of each of the six routes decided by a jury on screen, five without any livret 2, on both engines."""

import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from portfolio import create_app
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.web.clock import now, today
from portfolio.wording.candidacy import ROUTES
from tests import factories, samples
from tests.applications import close_app, config_for
from tests.assessment import builders
from tests.assessment.builders import Ground
from tests.notification.builders import speak
from tests.page import CheckedClient, Page
from tests.thoroughness import in_turn

# What nobody of a route without a livret 2 reads on a screen, in a letter or on a paper.
FOREIGN = re.compile(r"livret|[DR]6412|France VAE|accompagna|sur l’honneur|\bVAE\b|dépôt", re.IGNORECASE)
# What a letter says of the other ways to a block.
SHARED = re.compile(r"comme la VAE")


@pytest.fixture
def app(database_url: str, tmp_path) -> Iterator[Flask]:
    """Give the whole application, on each engine in turn."""
    application = create_app(config_for(database_url, tmp_path))
    application.test_client_class = CheckedClient
    yield application
    close_app(application)


@pytest.fixture
def made(store) -> Ground:
    with store.transaction() as session:
        return builders.ground(session)


def text_of(document: bytes) -> str:
    """Return the text of a PDF, on one line."""
    with pypdfium2.PdfDocument(document) as opened_pdf:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in opened_pdf).split())


def browser(app: Flask, email: str) -> CheckedClient:
    client = app.test_client()
    client.log_in(email, factories.PASSWORD)
    return client


def fitting(page: Page) -> Page:
    """Check that a page says nothing of the VAE to someone who did not take that route."""
    found = FOREIGN.findall(SHARED.sub("", page.text))
    assert not found, f"{page.title}: {found} in {page.text}"
    return page


def opened(certifier: CheckedClient, made: Ground, route: Route) -> str:
    """Open a candidacy on the screen; return the address of its page."""
    said = {
        "version_id": str(made.version_id),
        "candidate_name": "Samia Benali",
        "candidate_email": f"{route.value}@exemple.fr",
        "route": route.value,
        "regime": "france_vae",
        "scope": "whole",
        "admissible_on": "2021-11-12",
    }
    answer = certifier.send("/candidatures/nouvelle", said)
    assert answer.status_code == 303, Page(answer.text).text
    return answer.headers["Location"]


def recorded(certifier: CheckedClient, home: str) -> None:
    """Record the result of each planned assessment on the screen, the first with its document; then fix the record."""
    form = f"{home}/evaluations/nouvelle"
    planned = re.search(r'<select[^>]*name="planned_id".*?</select>', certifier.get(form).text, re.DOTALL)
    assert planned
    offered = re.findall(r'<option [^>]*value="([0-9a-f-]{36})"', planned[0])
    assert len(offered) == 5
    for rank, planned in enumerate(offered):
        said = {"planned_id": planned, "assessed_on": "2022-06-10", "examiner": "Nadia Lemaire", "outcome": "passed"}
        said |= {"detail": "16/20. Un cas bien mené."}
        if rank == 0:
            said["document"] = (io.BytesIO(samples.pdf(2, "Cas pratique")), "cas.pdf")
        assert certifier.send(form, said).status_code == 303
    page = fitting(certifier.page(f"{home}/evaluations"))
    assert page.text.count("Réussie") == 5
    assert certifier.send(f"{home}/evaluations/releve", {"sure": "y"}, form=f"{home}/evaluations").status_code == 303


def decided_on_screen(app: Flask, people, hearing_id) -> None:
    """Every member declares and reads, the president notes who is there, the defence, the findings, and signs."""
    base = f"/jurys/{hearing_id}"
    for person in people:
        juror = browser(app, person.email)
        juror.send(f"{base}/declaration", {"kind": "no_relation"})
        page = fitting(juror.page(base))
        assert "Lisez le relevé d’évaluation" in page.text
        assert "Cas pratique du bloc 3" in fitting(juror.page(f"{base}/evaluations")).text
        fitting(juror.page(f"{base}/pieces"))
        fitting(juror.page(f"{base}/pieces/E-01"))
        assert juror.send(f"{base}/lecture", {"sure": "y", "elsewhere": "y"}, form=base).status_code == 303
    president = browser(app, people[0].email)
    present = [str(one.id) for one in people]
    fitting(president.page(f"{base}/presence"))
    president.send(f"{base}/presence", {"present": present, "attendance": "heard"})
    defence = {"presentation": "30", "questions": "20"}
    assert president.send(f"{base}/soutenance", defence, form=f"{base}/presence").status_code == 303
    finish(president, base)


def finish(president: CheckedClient, base: str) -> None:
    """Find every competency, decide every block, sign the minutes."""
    text = president.get(base).text
    for competency in dict.fromkeys(re.findall(rf"{base}/competences/([0-9a-f-]{{36}})", text)):
        where = f"{base}/competences/{competency}"
        assert president.send(where, {"value": "acquired"}).status_code == 303
    for block in dict.fromkeys(re.findall(rf"{base}/blocs/([0-9a-f-]{{36}})", text)):
        assert president.send(f"{base}/blocs/{block}", {"outcome": "validated"}).status_code == 303
    answer = president.send(f"{base}/cloture", {"sure": "y", "password": factories.PASSWORD})
    assert answer.status_code == 303, Page(answer.text).text


@pytest.mark.slow
@pytest.mark.parametrize(("route", "database_url"), in_turn(builders.OTHERS), indirect=["database_url"])
def test_a_candidate_of_this_route_is_decided_on_screen_without_any_livret_2(app, store, made, route):
    certifier = browser(app, made.certifier.email)
    home = opened(certifier, made, route)
    assert ROUTES[route] in fitting(certifier.page(home)).text
    recorded(certifier, home)
    fitting(certifier.page(home))
    with store.transaction() as session:
        session_id, people = builders.session_of(session, made, held_on=today(), at=now() - timedelta(days=1))
    listing = certifier.page(f"/sessions/{session_id}")
    assert "relevé d’évaluation arrêté le" in listing.text
    sent = {"submission_id": listing.hidden("submission_id")}
    certifier.send(f"/sessions/{session_id}/candidats", sent, form=f"/sessions/{session_id}")
    with store.reader() as session:
        hearing_id = session.scalars(select(Hearing.id)).one()
        candidacy = session.scalars(select(Candidacy)).one()
        candidate_id, candidacy_id = candidacy.candidate_id, candidacy.id
    decided_on_screen(app, people, hearing_id)
    minutes = fitting(browser(app, people[0].email).page(f"/jurys/{hearing_id}/resultat"))
    assert "Soutenance" in minutes.text
    assert "30 minutes" in minutes.text
    document = certifier.get(f"/jurys/{hearing_id}/proces-verbal.pdf").data
    with pypdfium2.PdfDocument(document) as opened_pdf:
        title = opened_pdf.get_metadata_dict()["Title"]
    assert re.fullmatch(r"Procès-verbal de jury PV-\S+", title), "its kind is said once"
    paper = text_of(document)
    assert ROUTES[route] in paper
    assert "aucun lien personnel ni intérêt personnel" in paper, "teachers sit: having taught bars nobody"
    assert not FOREIGN.search(paper), FOREIGN.findall(paper)
    notified(certifier, home, made)
    with store.transaction() as session:
        person = session.get_one(factories.Person, candidate_id)
        person.password_hash = factories._hash
        email = person.email
    candidate = browser(app, email)
    path = fitting(candidate.page(candidate.get(f"/dossiers/{candidacy_id}").headers["Location"]))
    assert "Cas pratique du bloc 3" in path.text
    for page in ("resultats", "notification/1"):
        fitting(candidate.page(f"/dossiers/{candidacy_id}/{page}"))
    record = re.search(r"/depots/[0-9a-f-]{36}", candidate.get(f"/dossiers/{candidacy_id}/parcours").text)
    fitting(candidate.page(record.group()))
    assert not FOREIGN.search(text_of(candidate.get(f"{record.group()}/recepisse.pdf").data))
    with store.reader() as session:
        certificates = session.scalars(select(Certificate)).all()
        assert len(certificates) == 5
        assert recompute(session).ok
        assert check(session).difference is None
    for certificate in certificates:
        words = text_of(candidate.get(f"/certificats/{certificate.number}/certificat.pdf").data)
        assert not FOREIGN.search(words), words
        assert ("L6113-9" in words) is (route is not Route.INDIVIDUAL), "it protects a training begun"
        assert "recevabilité" not in words
        fitting(candidate.page(f"/certificats/{certificate.number}"))
    for address in (
        f"/dossiers/{candidacy_id}/experiences",
        f"/dossiers/{candidacy_id}/depot",
        f"/dossiers/{candidacy_id}/preuves",
    ):
        assert candidate.get(address).status_code in (403, 404)


def notified(certifier: CheckedClient, home: str, made: Ground) -> None:
    """Give the result by its letter, written and sent on the screen."""
    speak(certifier.application.extensions["database"], made)
    where = f"{home}/notification/1"
    fitting(certifier.page(where))
    answer = certifier.send(where, {"step": "send", "password": factories.PASSWORD})
    assert answer.status_code == 303, Page(answer.text).text
    fitting(certifier.page(home))


def test_a_candidate_by_vae_still_writes_a_livret_2(app, store):
    from tests.jury import builders as stage

    made = stage.scene(store, held_on=today(), sealed_at=now() - timedelta(days=1))
    president = browser(app, made.president.email)
    base = f"/jurys/{made.hearing_id}"
    assert "Déclaration sur l’honneur" in president.page(base).text
    assert president.get(f"{base}/evaluations").status_code == 404
    finish(president, base)
    with store.reader() as session:
        assert len(session.scalars(select(Certificate)).all()) == 5
        assert session.get_one(CertificationVersion, made.version_id)
        assert recompute(session).ok
        assert check(session).difference is None
