"""Pages and PDFs of papers: composing, sending, signing, and who may take which document away."""

import hashlib
import re

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account.models import CertifyingBodyMember
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.models.grants import Certificate, CertificateSignature, Grant
from portfolio.domain.holdings.rules.status_changes import StatusChange, StatusChangeKind
from portfolio.domain.holdings.use_cases import signatures
from portfolio.domain.holdings.use_cases.status_changes import change_status
from portfolio.web.clock import now, today
from tests import factories
from tests.documents.reading import words_of
from tests.holdings.status_changes import acquire
from tests.jury import builders
from tests.notification.builders import REMEDIES, decided, speak, tell
from tests.page import CheckedClient, Page


@pytest.fixture
def made(app: Flask, store: Database) -> builders.Scene:
    """A hearing closed with block 2 refused."""
    return decided(store)


@pytest.fixture
def certifier(client: CheckedClient, made: builders.Scene) -> CheckedClient:
    """Return the browser of the certifier."""
    client.log_in(made.certifier.email, factories.PASSWORD)
    return client


def numbers(store: Database) -> list[str]:
    with store.reader() as session:
        return sorted(session.scalars(select(Certificate.number)))


def composing(made: builders.Scene) -> str:
    return f"/candidatures/{made.candidacy_id}/notification/1"


def letter(made: builders.Scene) -> str:
    return f"/dossiers/{made.candidacy_id}/notification/1"


def written(**changed: str) -> dict[str, str]:
    told = {
        "c2_3_seen": "Une estimation globale.",
        "c2_3_missing": "Le détail\npar poste.",
        "c2_3_expected": "Un budget réel.",
        "c2_3_way": "Refaire le chiffrage.",
        "step": "preview",
    }
    return told | changed


def previewed(client: CheckedClient, made: builders.Scene, **changed: str) -> Page:
    answer = client.send(composing(made), written(**changed))
    assert answer.status_code == 200
    return Page(answer.text)


def send(client: CheckedClient, made: builders.Scene, password: str = factories.PASSWORD):
    page = previewed(client, made)
    hidden = {field["name"]: field["value"] for field in page.all("input", type="hidden")}
    return client.post(composing(made), data={**hidden, "step": "send", "password": password})


def test_the_certifier_is_led_from_home_to_the_letter_and_told_the_delay(certifier, made, store):
    home = certifier.page("/organisme")
    assert "Notifiez le résultat de Samia Benali" in home.text
    assert any(link["href"] == composing(made) for link in home.all("a"))
    candidacy = certifier.page(f"/candidatures/{made.candidacy_id}")
    assert "Écrire la notification" in candidacy.text
    page = certifier.page(composing(made))
    assert "Résultat à notifier avant le 3 juillet 2026" in page.text
    assert "Écrivez d’abord le texte sur les recours" in page.text


def test_what_is_missing_is_asked_and_nothing_typed_is_lost(certifier, made, store):
    speak(store, made)
    answer = certifier.send(composing(made), written(c2_3_missing="", c2_3_way="Par ce détour."))
    assert answer.status_code == 422
    assert "Dites ce qui manquait pour que 2.3 soit acquise." in answer.text
    assert "Par ce détour." in answer.text
    assert "mot de passe : il sert" not in answer.text


def test_a_letter_never_calls_acquired_what_is_suspended_that_day(certifier, made, store):
    speak(store, made)
    assert "Ce bloc vous est acquis définitivement" in previewed(certifier, made).text
    with store.transaction() as session:
        act = StatusChange(StatusChangeKind.SUSPENSION, "Un lien n’avait pas été déclaré.", today())
        change_status(session, session.scalars(select(Grant)).first().id, act, by=made.certifier.id, at=now())
    page = previewed(certifier, made)
    assert "acquis définitivement" not in page.text
    assert "Il est suspendu depuis : ni acquis ni perdu" in page.text


def test_a_letter_that_another_decision_followed_says_so_in_the_list_and_in_its_title(certifier, made, store):
    speak(store, made)
    assert send(certifier, made).status_code == 303
    results, title = f"/dossiers/{made.candidacy_id}/resultats", "selon la lettre du"
    assert "suivie d’une autre décision" not in certifier.page(results).text
    assert title not in certifier.page(letter(made)).text
    with store.transaction() as session:
        act = StatusChange(StatusChangeKind.SUSPENSION, "Un lien n’avait pas été déclaré.", today())
        change_status(session, session.scalars(select(Grant)).first().id, act, by=made.certifier.id, at=now())
    assert "suivie d’une autre décision de l’organisme" in certifier.page(results).text
    assert title in certifier.page(letter(made)).text


def test_the_preview_shows_the_letter_and_leads_back_to_it(certifier, made, store):
    speak(store, made)
    page = previewed(certifier, made)
    for words in (
        "Une estimation globale.",
        "Le détail par poste.",
        "Le médiateur peut être saisi.",
        "Compétences notées acquises",
    ):
        assert words in page.text
    hidden = {field["name"]: field["value"] for field in page.all("input", type="hidden")}
    back = certifier.post(composing(made), data={**hidden, "step": "edit"})
    assert "Refaire le chiffrage." in back.text
    with store.reader() as session:
        assert session.scalar(select(ResultNotification)) is None


def test_a_wrong_password_sends_nothing_and_keeps_the_letter(certifier, made, store):
    speak(store, made)
    answer = send(certifier, made, "pas celui-là")
    assert answer.status_code == 422
    assert "Refaire le chiffrage." in answer.text
    with store.reader() as session:
        assert session.scalar(select(ResultNotification)) is None


@pytest.mark.slow
def test_passwords_tried_too_often_wait(certifier, made, store):
    speak(store, made)
    for _ in range(11):
        answer = send(certifier, made, "pas celui-là")
    assert re.search(r"Attendez \d+.minutes", answer.text)
    assert send(certifier, made).status_code == 422
    with store.reader() as session:
        assert session.scalar(select(ResultNotification)) is None


def test_without_remedies_a_forged_click_is_refused_with_a_sentence(certifier, made, store):
    data = {"csrf_token": certifier.page(composing(made)).hidden("csrf_token"), "nonce": "n"}
    answer = certifier.post(composing(made), data=data | written(step="send", password=factories.PASSWORD))
    assert answer.status_code == 409
    assert "Aucune notification ne part sans le texte sur les voies et délais de recours" in answer.text


def test_a_stranger_who_reads_the_letter_knows_why_not_and_what_next(certifier, made, store):
    speak(store, made)
    assert send(certifier, made).status_code == 303
    assert certifier.get(composing(made)).headers["Location"] == letter(made)
    for person in (made.candidate, made.advisor):
        certifier.post("/deconnexion", data={"csrf_token": certifier.page(letter(made)).hidden("csrf_token")})
        certifier.log_in(person.email, factories.PASSWORD)
        page = certifier.page(letter(made))
        for words in (
            "Validation partielle de la certification",
            "Ce que le jury a vu",
            "Le détail par poste.",
            "Un budget réel.",
            "Refaire le chiffrage.",
            "Inès Fabre",
            "Signé par Hélène Roche, Directrice de l’institut",
            "en ligne, depuis son compte, en redonnant son mot de passe",
            "Demandez à Inès Fabre (05 00 00 00 00) la prochaine date",
        ):
            assert words in page.text
        pdf = words_of(certifier.get(f"{letter(made)}.pdf").data)
        for words in ("Refaire le chiffrage.", "dans les deux mois", "Hélène Roche"):
            assert words in pdf
    assert REMEDIES.splitlines()[0] in page.text


def test_a_letter_that_never_left_does_not_exist(certifier, made):
    for url in (letter(made), f"{letter(made)}.pdf", composing(made).replace("/1", "/7")):
        assert certifier.get(url).status_code == 404


def test_the_settings_say_what_to_complete_and_keep_what_was_typed(certifier, made, store):
    page = certifier.page("/organisme/reglages")
    assert page.all("input", name="legal_name")[0]["value"] == "Institut de l’exemple"
    data = {"legal_name": "", "signatory_id": str(made.certifier.id), "remedies": "Deux mois."}
    answer = certifier.send("/organisme/reglages", data)
    assert answer.status_code == 422
    for words in ("Donnez le nom légal", "Dites en quelle qualité", "Deux mois."):
        assert words in answer.text
    good = data | {"legal_name": "Association", "signatory_quality": "Directrice"}
    assert certifier.send("/organisme/reglages", good).status_code == 303
    stale = certifier.send("/organisme/reglages", good | {"revision": "0", "contact": "Mon texte"})
    assert stale.status_code == 409
    assert "Mon texte" in stale.text
    assert certifier.send("/organisme/reglages", data | {"signatory_id": str(made.candidate.id)}).status_code == 422


def test_certificates_are_signed_by_name_and_the_results_offer_them(certifier, made, store):
    speak(store, made)
    for number in numbers(store):
        assert "Projet non signé" in words_of(certifier.get(f"/certificats/{number}/certificat.pdf").data)
    url = "/organisme/certificats-a-signer"
    with store.reader() as session:
        ids = [str(one) for one in session.scalars(select(Certificate.id))]
    assert certifier.send(url, {"certificates": ids, "password": "pas celui-là"}).status_code == 422
    assert (
        certifier.send(url, {"certificates": [str(made.candidate.id)], "password": factories.PASSWORD}).status_code
        == 422
    )
    assert certifier.send(url, {"certificates": ids[:2], "password": factories.PASSWORD}).status_code == 303
    page = certifier.page(f"/dossiers/{made.candidacy_id}/resultats")
    assert page.text.count("projet non signé") == 1
    with store.reader() as session:
        signature = session.scalars(select(CertificateSignature)).first()
        number = session.get_one(Certificate, signature.certificate_id).number
    pdf = words_of(certifier.get(f"/certificats/{number}/certificat.pdf").data)
    assert "Projet non signé" not in pdf
    for words in (
        "Association Institut de l’exemple",
        "Date de l’acte",
        "Date de la signature",
        "Hélène Roche",
        "Directrice de l’institut",
        number,
    ):
        assert words in pdf


def test_the_whole_has_its_parchment_with_its_blocks(app, client, store):
    made = decided(store, refused=())
    client.log_in(made.certifier.email, factories.PASSWORD)
    with store.reader() as session:
        number = session.scalars(select(Certificate.number).where(Certificate.award_id.is_not(None))).one()
    pdf = words_of(client.get(f"/certificats/{number}/certificat.pdf").data)
    assert number in pdf
    for block in made.blocks:
        assert f"Bloc {block.number} : {block.title} (jury du 18 juin 2026, procès-verbal" in pdf


def test_a_parchment_cites_the_act_of_each_block_with_its_day(client, store):
    made = decided(store)
    acquire(store, made.candidacy_id, made.blocks[1], made.certifier.id)
    client.log_in(made.certifier.email, factories.PASSWORD)
    with store.reader() as session:
        number = session.scalars(select(Certificate.number).where(Certificate.award_id.is_not(None))).one()
    pdf = words_of(client.get(f"/certificats/{number}/certificat.pdf").data)
    assert "(jury du 18 juin 2026, procès-verbal" in pdf
    assert "(acquis par une autre voie le 30 juin 2025, référence ACQ-20250630-" in pdf
    public = client.page(f"/certificats/{number}").text
    block = (
        "Bloc 2 « Définir les solutions techniques d’un projet digital » : acquis par une autre voie le 30 juin 2025"
    )
    assert block in public.replace("\u00a0", " ")
    assert "Date de l’acte" in public


def documents(made: builders.Scene, store: Database) -> dict[str, str]:
    return {
        "receipt": f"/depots/{made.submission_id}/recepisse.pdf",
        "minutes": f"/jurys/{made.hearing_id}/proces-verbal.pdf",
        "letter": f"{letter(made)}.pdf",
        "certificate": f"/certificats/{numbers(store)[0]}/certificat.pdf",
    }


READERS = {
    "candidate": {"receipt", "letter", "certificate"},
    "advisor": {"receipt", "letter"},
    "certifier": {"minutes", "letter", "certificate"},
    "president": {"minutes", "receipt"},
    "stranger": set(),
    "colleague of another body": set(),
    "nobody": set(),
}


@pytest.mark.parametrize("who", READERS)
def test_each_document_goes_to_those_it_concerns_and_to_nobody_else(client, app, made, store, who):
    app.config["SETTINGS"] = app.config["SETTINGS"].__class__(**{**vars(app.config["SETTINGS"]), "juror_days": 100_000})
    speak(store, made)
    tell(store, made)
    with store.transaction() as session:
        other = factories.world(session)
        known = {"stranger": other.candidate.email, "colleague of another body": other.certifier.email}
    if who != "nobody":
        client.log_in(known.get(who) or getattr(made, who).email, factories.PASSWORD)
    for name, url in documents(made, store).items():
        answer = client.get(url)
        assert answer.status_code == (200 if name in READERS[who] else 303 if who == "nobody" else 404), (who, name)
        if answer.status_code == 200:
            assert answer.data.startswith(b"%PDF-")
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_document_asked_again_is_the_same_byte_for_byte_even_after_names_and_settings_change(certifier, made, store):
    speak(store, made)
    tell(store, made)
    with store.transaction() as session:
        ids = session.scalars(select(Certificate.id)).all()
        signatures.sign(session, made.body_id, ids, by=made.certifier.id, at=builders.ON_THE_DAY)
    urls = [url for name, url in documents(made, store).items() if name != "receipt"]
    before = [hashlib.sha256(certifier.get(url).data).hexdigest() for url in urls]
    speak(store, made, legal_name="Autre nom", city="Ailleurs", remedies="Autre texte", signatory_quality="Autre")
    with store.transaction() as session:
        session.get_one(type(made.candidate), made.candidate.id).name = "Un autre nom"
    after = [hashlib.sha256(certifier.get(url).data).hexdigest() for url in urls]
    assert after == before


def test_a_member_who_does_not_sign_sees_who_does(client, made, store):
    speak(store, made)
    with store.transaction() as session:
        colleague = factories.person(session, "Ali Ferrand")
        session.add(CertifyingBodyMember(body_id=made.body_id, person_id=colleague.id))
    client.log_in(colleague.email, factories.PASSWORD)
    assert "Seule Hélène Roche peut signer et envoyer" in client.page(composing(made)).text
    page = client.page("/organisme/certificats-a-signer")
    assert "Seule Hélène Roche (Directrice de l’institut) signe" in page.text
    assert not page.all("input", name="password")


def test_the_advisor_reads_the_results_without_links_that_are_not_theirs(client, made, store):
    client.log_in(made.advisor.email, factories.PASSWORD)
    page = client.page(f"/dossiers/{made.candidacy_id}/resultats")
    assert not [link for link in page.all("a") if link.get("href", "").endswith("certificat.pdf")]
