"""A request of admissibility is written, completed, decided within its clock, contested, and opens its candidacy."""

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portfolio.domain.admissibility.models import AdmissibilityProof, AdmissibilityRequest
from portfolio.domain.admissibility.rules import WAITING, RequestRefusal, RequestState, clock_of, decision_refusal
from portfolio.domain.admissibility.use_cases import requests
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import PersonInput
from portfolio.domain.email.models import CertifyingBodySettings, OutgoingEmail
from portfolio.domain.retention.use_cases import erased_rows
from portfolio.web.clock import now, today
from tests import factories, samples

SIGNED = {"step": "send", "password": factories.PASSWORD}
ADMISSIBILITY = factories.ADOPTED["remedies_admissibility"]
TYPED = {
    "activities-0-what": "Cheffe de projet",
    "activities-0-where": "Studio Lumen",
    "activities-0-since": "2018-03-01",
    "activities-0-hours": "4 800",
    "aim": "Faire reconnaître huit ans de pratique.",
    "postal_address": "3 rue des Lilas, 33000 Bordeaux",
    "phone": "06 01 02 03 04",
    "born_on": "1985-04-12",
    "birth_place": "Pau",
}


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session)


@pytest.fixture
def certifier(app, world):
    client = app.test_client()
    client.log_in(world.certifier.email, factories.PASSWORD)
    return client


@pytest.fixture
def lea(app, store):
    with store.transaction() as session:
        email = factories.person(session, "Léa Petit").email
    client = app.test_client()
    client.log_in(email, factories.PASSWORD)
    client.email = email
    return client


def begin(store, world, lea, regime=Regime.CERFA):
    with store.transaction() as session:
        person = PersonInput(lea.email, "Léa Petit")
        asked = (world.body.id, world.version.id, person, regime)
        return requests.invite_request(session, *asked, by=world.certifier.id, at=now()).id


def paper(name="contrat.pdf"):
    return (io.BytesIO(samples.pdf()), name)


def send(lea, row_id, **more):
    return lea.send(f"/recevabilite/{row_id}", {**TYPED, "proofs": paper(), "send": "1", **more})


def act(client, page, name, **typed):
    return client.send(f"{page}/{name}", typed, form=page)


def row_of(store, row_id):
    with store.reader() as session:
        return session.get_one(AdmissibilityRequest, row_id)


def letters(store):
    with store.reader() as session:
        query = select(OutgoingEmail.text).where(OutgoingEmail.kind == "admissibility")
        return " ".join(session.scalars(query))


@pytest.mark.records("admissibility_complete", "admissibility_questioned")
def test_a_request_is_completed_and_opens_a_candidacy_with_all_that_was_typed(certifier, lea, world, store):
    page = "/organisme/recevabilite"
    typed = {"name": "Léa Petit", "email": lea.email, "regime": "cerfa", "version_id": str(world.version.id)}
    assert certifier.send(page, typed).status_code == 303
    with store.reader() as session:
        row_id = session.scalars(select(AdmissibilityRequest.id)).one()
    assert certifier.send(page, typed).status_code == 409
    own = f"/recevabilite/{row_id}"
    assert lea.get("/").headers["Location"].endswith("/recevabilite")
    assert lea.send(own, {**TYPED, "activities-0-hours": "beaucoup"}).status_code == 422
    incomplete = lea.send(own, {**TYPED, "send": "1"})
    assert incomplete.status_code == 409
    assert "au moins un justificatif" in incomplete.text
    assert "Studio Lumen" in lea.get(own).text
    assert "Studio Lumen" not in certifier.get(f"{page}/{row_id}").text
    assert send(lea, row_id).status_code == 303
    asked = certifier.get(f"{page}/{row_id}").text
    assert "Studio Lumen" in asked
    assert "4\u00a0800\u00a0heures" in asked
    assert "Décidez de la recevabilité de Léa Petit" in certifier.get("/organisme").text
    assert act(certifier, f"{page}/{row_id}", "question", question="Quel contrat ?").status_code == 303
    assert "Décidez de la recevabilité" not in certifier.get("/organisme").text
    assert "Quel contrat ?" in lea.get(own).text
    assert "votre réponse" in send(lea, row_id).text
    assert send(lea, row_id, answer="Le contrat de 2018.").status_code == 303
    assert "Le contrat de 2018." in certifier.get(f"{page}/{row_id}").text
    assert act(certifier, f"{page}/{row_id}", "complete").status_code == 303
    with store.reader() as session:
        proof_id = session.scalars(select(AdmissibilityProof.id)).first()
    for client, base in ((lea, own), (certifier, f"{page}/{row_id}")):
        assert client.get(f"{base}/fichiers/{proof_id}").status_code in (200, 409)
    opened = act(
        certifier, f"{page}/{row_id}", "decision", outcome="admissible", expiry_override="Transition.", reason=""
    )
    assert opened.status_code == 303
    with store.reader() as session:
        made = session.scalars(select(Candidacy).where(Candidacy.request_id == row_id)).one()
        assert (made.admissible_on, made.phone, made.birth_place) == (today(), TYPED["phone"], "Pau")
        assert made.candidate_name == "Léa Petit"
    told = certifier.get(f"/candidatures/{made.id}").text
    assert "heures" not in certifier.page(f"/candidatures/{world.candidacy.id}").text
    assert "1\u00a0activité et 4\u00a0800\u00a0heures" in told
    assert "repose sur votre demande" in letters(store)
    assert act(certifier, f"{page}/{row_id}", "decision", outcome="refused", reason="Non.").status_code == 409


def test_a_refusal_says_its_reason_and_leads_to_an_appeal_and_another_request(certifier, lea, world, store):
    row_id = begin(store, world, lea)
    page, own = f"/organisme/recevabilite/{row_id}", f"/recevabilite/{row_id}"
    send(lea, row_id)
    with store.transaction() as session:
        words = session.get_one(CertifyingBodySettings, world.body.id)
        adopted, words.remedies_admissibility = words.remedies_admissibility, None
    missing = "Sans ce texte, vous ne pouvez pas refuser une recevabilité."
    assert missing in certifier.page("/organisme").text
    with store.transaction() as session:
        session.get_one(CertifyingBodySettings, world.body.id).remedies_admissibility = adopted
    assert missing not in certifier.page("/organisme").text
    bare = act(certifier, page, "decision", outcome="refused", reason=" ")
    assert bare.status_code == 409
    refused = {"outcome": "refused", "reason": "Aucune activité en rapport."}
    assert act(certifier, page, "decision", **refused, **SIGNED).status_code == 303
    assert "Aucune activité en rapport." in letters(store)
    assert "contester ce refus" in letters(store)
    assert "Aucune activité en rapport." in lea.get(own).text
    assert act(lea, own, "recours", text="").status_code == 422
    assert act(lea, own, "recours", text="J’ai dirigé dix projets.").status_code == 303
    assert "Décidez de la recevabilité de Léa Petit" in certifier.get("/organisme").text
    assert "J’ai dirigé dix projets." in certifier.get(page).text
    assert act(certifier, page, "decision", outcome="refused", reason="Rien de neuf.", **SIGNED).status_code == 303
    kept = lea.get(own).text
    assert "Aucune activité en rapport." in kept
    assert "Rien de neuf." in kept
    again = act(lea, own, "nouvelle", version_id=str(world.version.id))
    assert again.status_code == 303
    assert "Studio Lumen" in lea.get(again.headers["Location"]).text
    assert act(lea, own, "nouvelle", version_id=str(world.version.id)).status_code == 409


def test_the_letter_of_a_refusal_is_read_as_it_will_leave_and_leaves_by_the_password(certifier, lea, world, store):
    row_id = begin(store, world, lea)
    send(lea, row_id)
    page = f"/organisme/recevabilite/{row_id}"
    refused = {"outcome": "refused", "reason": "Aucune activité en rapport."}
    before = letters(store)
    shown = act(certifier, page, "decision", **refused)
    assert shown.status_code == 200
    for words in ("rien n’est encore envoyé", "Aucune activité en rapport.", ADMISSIBILITY):
        assert words in shown.text, words
    wrong = act(certifier, page, "decision", **refused, step="send", password="faux")
    assert wrong.status_code == 422
    assert "Aucune activité en rapport." in wrong.text
    back = act(certifier, page, "decision", **refused, step="edit")
    assert "Aucune activité en rapport." in back.text
    assert letters(store) == before
    assert row_of(store, row_id).state is RequestState.SENT
    assert act(certifier, page, "decision", **refused, **SIGNED).status_code == 303
    assert ADMISSIBILITY in letters(store)


def test_no_refusal_leaves_without_the_remedies_of_its_kind(certifier, lea, world, store):
    row_id = begin(store, world, lea)
    send(lea, row_id)
    with store.transaction() as session:
        session.get_one(CertifyingBodySettings, world.body.id).remedies_admissibility = None
    page = f"/organisme/recevabilite/{row_id}"
    stopped = act(certifier, page, "decision", outcome="refused", reason="Aucune activité.", **SIGNED)
    assert stopped.status_code == 409
    assert "Aucune lettre ne refuse une recevabilité sans le texte" in stopped.text
    assert "Aucune activité." in stopped.text
    assert row_of(store, row_id).state is RequestState.SENT


@pytest.mark.records(
    "admissibility_appealed",
    "admissibility_begun",
    "admissibility_granted",
    "admissibility_refused",
    "admissibility_sent",
)
def test_an_appeal_that_is_granted_opens_the_candidacy(certifier, lea, world, store):
    row_id = begin(store, world, lea)
    send(lea, row_id)
    page, own = f"/organisme/recevabilite/{row_id}", f"/recevabilite/{row_id}"
    act(certifier, page, "decision", outcome="refused", reason="Trop peu.", **SIGNED)
    act(lea, own, "recours", text="Relisez.")
    assert (
        act(certifier, page, "decision", outcome="admissible", expiry_override="Transition.", reason="Vu.").status_code
        == 303
    )
    assert row_of(store, row_id).appeal_answer == "Vu."


def test_france_vae_asks_the_feasibility_file_and_its_silence_admits(certifier, lea, world, store):
    row_id = begin(store, world, lea, Regime.FRANCE_VAE)
    assert "dossier de faisabilité" in send(lea, row_id).text
    lea.send(f"/recevabilite/{row_id}", {**TYPED, "feasibility": paper("faisabilite.pdf"), "send": "1"})
    with store.transaction() as session:
        row = session.get_one(AdmissibilityRequest, row_id)
        assert row.state is RequestState.SENT
        row.sent_on = today() - timedelta(days=80)
        until = row.clock.until
    page = f"/organisme/recevabilite/{row_id}"
    assert "le silence vaut recevabilité" in certifier.get(page).text
    late = act(certifier, page, "decision", outcome="refused", reason="Trop tard.")
    assert late.status_code == 409
    assert "Trop tard." in late.text
    assert act(certifier, page, "decision", outcome="admissible", expiry_override="Transition.").status_code == 303
    with store.reader() as session:
        made = session.scalars(select(Candidacy).where(Candidacy.request_id == row_id)).one()
        assert made.admissible_on == until + timedelta(days=1)


def test_others_read_nothing_of_a_request(app, lea, world, store):
    row_id = begin(store, world, lea)
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre institut").id, "Paul Autre").email
    for email, path in ((other, "/organisme/recevabilite"), (world.candidate.email, "/recevabilite")):
        client = app.test_client()
        client.log_in(email, factories.PASSWORD)
        assert client.get(f"{path}/{row_id}").status_code == 404


def test_a_request_is_emptied_with_its_dossier_and_forgotten_when_nothing_moves(certifier, lea, world, store):
    row_id = begin(store, world, lea)
    send(lea, row_id)
    act(certifier, f"/organisme/recevabilite/{row_id}", "decision", outcome="admissible", expiry_override="Transition.")
    with store.transaction() as session:
        made = session.scalars(select(Candidacy.id).where(Candidacy.request_id == row_id)).one()
        keys = erased_rows.erase_dossier(session, made, erased_rows.Extent.WHOLE, by=None, at=now())
        assert session.scalars(select(AdmissibilityProof)).all() == []
        assert session.get_one(AdmissibilityRequest, row_id).content == ""
        assert keys
    assert "Aucune activité décrite" in certifier.get(f"/organisme/recevabilite/{row_id}").text
    with store.transaction() as session:
        assert requests.purge_requests(session, at=now() + timedelta(days=400)) == 0
        session.get_one(AdmissibilityRequest, row_id).state = RequestState.REFUSED
    with store.transaction() as session:
        assert requests.purge_requests(session, at=now() + timedelta(days=400)) == 1


@given(st.sampled_from(RequestState), st.sampled_from(Regime), st.dates(), st.booleans())
def test_only_what_waits_is_decided_and_only_a_reason_refuses(state, regime, since, admissible):
    clock = clock_of(state, regime, since)
    assert (clock is not None) == (state in WAITING)
    fault = decision_refusal(state, clock, since, admissible=admissible, reason="")
    assert (fault is None) == (state in WAITING and admissible)
    if state in WAITING and not admissible:
        assert fault is RequestRefusal.NO_REASON
