"""The pages of retention: the list of a body, a hold, a request for erasure and its answer, periods."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select

from portfolio.domain.candidacy.models import Candidacy, Erasure
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.domain.retention.models import ErasureRequest, LegalHold, RetentionClock, RetentionSettings
from portfolio.domain.retention.use_cases.clocks import compute_all
from portfolio.domain.retention.use_cases.due import foresee_run, plan_due, queue_notices
from portfolio.domain.retention.use_cases.erasing import run_due_erasures
from portfolio.run.maintenance import apply_retention
from portfolio.web.clock import now
from tests import factories


@pytest.fixture
def world(store):
    with store.transaction() as session:
        made = factories.world(session)
    compute_all(store, now().date())
    return made


@pytest.fixture
def certifier(app, world):
    client = app.test_client()
    client.log_in(world.certifier.email, factories.PASSWORD)
    return client


@pytest.fixture
def candidate(app, world):
    client = app.test_client()
    client.log_in(world.candidate.email, factories.PASSWORD)
    return client


def fields_of(client, path):
    """Return the hidden fields of the last form of a page."""
    html = client.get(path).text
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html))


def send(client, path, **values):
    return client.post(path, data={**fields_of(client, path), **values})


def test_the_list_shows_each_dossier_with_its_day_and_is_found_by_name(certifier, world):
    page = certifier.get("/organisme/donnees").text
    assert world.candidate.name in page
    assert "après la dernière activité" in page
    assert (
        world.candidate.name in certifier.get("/organisme/donnees", query_string={"cherche": world.candidate.name}).text
    )
    assert world.candidate.name not in certifier.get("/organisme/donnees?cherche=personne-de-ce-nom").text
    assert world.candidate.name not in certifier.get("/organisme/donnees?etat=retenu").text
    for term in ("30", "90", "365", "sans-date"):
        assert certifier.get(f"/organisme/donnees?echeance={term}&tri=lointaine").status_code == 200


@pytest.mark.records("hold_ended", "hold_placed")
def test_a_hold_stops_the_clocks_until_it_is_ended_for_a_reason(certifier, candidate, world, store):
    path = f"/candidatures/{world.candidacy.id}/conservation"
    assert send(certifier, path, reason=" ").status_code == 422
    assert send(certifier, path, reason="Contrôle de la région").status_code == 303
    assert "Rien ne sera effacé" in certifier.get(path).text
    assert world.candidate.name in certifier.get("/organisme/donnees?etat=retenu").text
    own = candidate.get("/mes-donnees").text
    assert "Rien ne sera effacé" in own
    assert "Contrôle de la région" not in own, "the reason is the body's"
    with store.reader() as session:
        hold = session.scalars(select(LegalHold)).one()
    token = fields_of(certifier, path)
    assert certifier.post(f"{path}/{hold.id}", data={**token, "end_reason": ""}).status_code == 422
    assert certifier.post(f"{path}/{hold.id}", data={**token, "end_reason": "Contrôle terminé"}).status_code == 303
    assert certifier.post(f"{path}/{hold.id}", data={**token, "end_reason": "Encore"}).status_code == 409
    assert "Rien ne sera effacé" not in candidate.get("/mes-donnees").text


def test_a_candidate_asks_and_the_body_accepts(app, certifier, candidate, world, store):
    asking, answering = (f"/dossiers/{world.candidacy.id}/effacement", f"/candidatures/{world.candidacy.id}/effacement")
    assert send(candidate, asking, message="Je change de métier").status_code == 303
    assert "doit répondre dans le mois" in candidate.get("/mes-donnees").text
    assert candidate.post(
        asking, data={**fields_of(candidate, "/mes-donnees"), "nonce": "x", "message": ""}
    ).status_code in (400, 409)
    assert world.candidate.name in certifier.get("/organisme/donnees").text
    assert "Je change de métier" in certifier.get(answering).text
    assert send(certifier, answering, decision="rien").status_code == 422
    assert send(certifier, answering, decision="accept", answer="").status_code == 303
    assert "va être effacé" in candidate.get("/mes-donnees").text
    with store.reader() as session:
        erasure = session.scalars(select(Erasure)).one()
        assert (
            session.scalars(select(OutgoingEmail.subject).order_by(OutgoingEmail.created_at.desc()))
            .first()
            .startswith("Vos données")
        )
    files, uploads = app.extensions["files"], app.extensions["uploads"]
    assert run_due_erasures(store, files, uploads, now) == 0, "the letter comes first"
    assert run_due_erasures(store, files, uploads, lambda: erasure.run_after + timedelta(hours=1)) == 1
    assert "effacé le" in certifier.get("/organisme/donnees/effacements").text
    assert certifier.get(answering).status_code == 410
    assert certifier.get(f"/candidatures/{world.candidacy.id}").status_code == 410


@pytest.mark.records("erasure_answered", "erasure_asked")
def test_a_refusal_names_its_ground_to_the_candidate(certifier, candidate, world, store):
    send(candidate, f"/dossiers/{world.candidacy.id}/effacement", message="")
    path = f"/candidatures/{world.candidacy.id}/effacement"
    assert send(certifier, path, decision="legal_claims", answer="Le jury siège en mars.").status_code == 303
    page = candidate.get("/mes-donnees").text
    assert "article 17, 3, e" in page
    assert "Le jury siège en mars." in page
    with store.reader() as session:
        assert session.scalars(select(ErasureRequest)).one().is_accepted is False
        assert session.scalars(select(Erasure)).first() is None


def test_a_held_dossier_is_not_accepted(certifier, candidate, world):
    send(candidate, f"/dossiers/{world.candidacy.id}/effacement", message="")
    send(certifier, f"/candidatures/{world.candidacy.id}/conservation", reason="Litige")
    answer = send(certifier, f"/candidatures/{world.candidacy.id}/effacement", decision="accept", answer="Oui")
    assert answer.status_code == 409
    assert "Oui" in answer.text, "nothing typed is lost"


@pytest.mark.records("retention_settings_saved")
def test_periods_are_changed_within_bounds_and_never_over_another_change(certifier, world, store):
    path = "/organisme/donnees/durees"
    seen = fields_of(certifier, path)
    typed = {
        "appeal_months": "2",
        "drafts_months": "6",
        "sealed_months": "60",
        "inactive_months": "12",
        "notice_days": "30",
    }
    assert certifier.post(path, data={**seen, **typed, "drafts_months": "0"}).status_code == 422
    assert certifier.post(path, data={**seen, **typed}).status_code == 303
    assert certifier.post(path, data={**seen, **typed, "drafts_months": "9"}).status_code == 409
    with store.reader() as session:
        assert session.scalars(select(RetentionSettings)).one().drafts_months == 6


@pytest.mark.records("dossier_erased", "erasure_planned", "retention_notice_sent")
def test_nothing_goes_before_the_person_had_the_whole_notice(app, world, store):
    files, uploads, late = app.extensions["files"], app.extensions["uploads"], now() + timedelta(days=800)
    compute_all(store, now().date())
    assert plan_due(store, late) == 0, "nobody was told"
    assert queue_notices(store, late) == 1
    assert queue_notices(store, late) == 0, "told once"
    assert plan_due(store, late + timedelta(days=29)) == 0
    assert plan_due(store, late + timedelta(days=31)) == 1
    assert run_due_erasures(store, files, uploads, lambda: late + timedelta(days=31)) == 1
    with store.reader() as session:
        assert (
            session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == world.candidate.id)).first() is None
        )


@pytest.mark.parametrize(
    ("route", "goes", "is_not"),
    [
        (Route.VAE, "vos textes, vos preuves", "vos évaluations"),
        (Route.APPRENTICESHIP, "vos évaluations", "vos preuves"),
    ],
)
def test_the_notice_names_what_a_route_keeps(world, store, route: Route, goes: str, is_not: str):
    with store.transaction() as session:
        row = session.get_one(Candidacy, world.candidacy.id)
        row.route, row.regime = route, row.regime if route is Route.VAE else Regime.OTHER
    compute_all(store, now().date())
    assert queue_notices(store, now() + timedelta(days=4000)) == 1
    with store.reader() as session:
        told = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.RETENTION_NOTICE)).one()
    assert goes in told.text
    assert is_not not in told.text


def test_the_preview_reads_the_facts_of_now_as_the_run_that_erases_does(app, world, store):
    with store.transaction() as session:
        session.execute(delete(RetentionClock))
    told = app.test_cli_runner().invoke(args=["retention", "--preview", "--days", "4000"])
    assert told.exit_code == 0, told.output
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(RetentionClock)), "computed at once"


def test_the_preview_says_what_the_run_of_that_moment_does(app, world, store):
    files, uploads = app.extensions["files"], app.extensions["uploads"]
    start = now() + timedelta(days=800)
    for days in (0, 29, 31, 32):
        at = start + timedelta(days=days)
        compute_all(store, at.date())
        with store.reader() as session:
            foreseen = foresee_run(session, at)
        done = apply_retention(store, files, uploads, lambda at=at: at)
        assert (foreseen.told, foreseen.erased) == (done.told, done.erased), days
    output = app.test_cli_runner().invoke(args=["retention", "--preview"]).output
    assert "--apply préviendrait 0\u00a0personne et effacerait 0\u00a0dossier." in output
