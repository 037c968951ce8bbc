"""The certifier's pages on a certificate, and what anyone then sees of it."""

from io import BytesIO

import pytest
from sqlalchemy import func, select

from portfolio.domain.account.models import SecondFactor
from portfolio.domain.holdings.models.events import GrantStatusChange
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.use_cases.signatures import sign
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.files.storage.store import StoreFull, StoreUnavailable
from tests import factories, samples
from tests.applications import failing
from tests.documents.reading import words_of
from tests.jury.builders import close, scene
from tests.notification.builders import speak
from tests.page import Page


def proven(content=None, name="preuve.pdf", password=factories.PASSWORD):
    """Return the password again, and a proof."""
    return {"password": password, "proof": (BytesIO(samples.pdf() if content is None else content), name)}


def confirmed(**more):
    """Return the same, once the act was read again."""
    return {"step": "confirm"} | proven(**more)


def certified(store):
    made = scene(store, refused=(2, 3))
    close(store, made)
    with store.reader() as session:
        first = (
            select(Certificate.number)
            .join(Grant, Grant.id == Certificate.grant_id)
            .where(Grant.block_id == made.blocks[0].id)
        )
        return made, session.scalars(first).one()


SUSPENSION = {"kind": "suspension", "reason": "Un membre était lié au candidat.", "decided_on": "2026-07-01"}


def suspend(client, store, made, number):
    """Propose a suspension, then confirm it as another member; the first one is connected again."""
    with store.transaction() as session:
        second = factories.certifier(session, made.body_id, "Nour Haddad").email
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    proposed = client.send(url, SUSPENSION | confirmed(), form=url)
    assert proposed.location == f"{url}/observations"
    assert "est suspendu" not in client.page(f"/certificats/{number}").text, "one member alone holds nothing"
    client.send("/deconnexion", form=url)
    client.log_in(second, factories.PASSWORD)
    (confirm,) = (
        form["action"] for form in client.page(proposed.location).all("form") if "confirmer" in form["action"]
    )
    assert client.send(confirm, {"password": factories.PASSWORD}, form=proposed.location).status_code == 303
    client.send("/deconnexion", form=url)
    client.log_in(made.certifier.email, factories.PASSWORD)


@pytest.mark.records("grant_suspension_proposed")
def test_a_suspended_certificate_says_so_to_anyone_and_its_confirmation_restores_it(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    suspend(client, store, made, number)
    assert "Ce certificat est suspendu" in client.page(f"/certificats/{number}").text
    assert client.send(url, SUSPENSION | {"kind": "confirmation"} | confirmed(), form=url).status_code == 303
    for page in (f"/certificats/{number}", url):
        assert "Ce certificat n’est pas encore signé" in client.page(page).text


@pytest.mark.records("grant_suspension_dropped")
def test_a_suspension_that_is_dropped_holds_nothing(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    stage = client.send(url, SUSPENSION | confirmed(), form=url).location
    (drop,) = (form["action"] for form in client.page(stage).all("form") if "abandonner" in form["action"])
    assert client.send(drop, form=stage).status_code == 303
    assert "Suspension : en attente" not in client.page(stage).text


@pytest.mark.records("grant_withdrawal_proposed", "observation_recorded", "observations_invited")
def test_a_withdrawal_without_a_hearing_keeps_what_was_typed(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    data = {"kind": "withdrawal", "reason": "Deux pièces sont copiées.", "decided_on": "2026-07-01"}
    answer = client.send(url, data, form=url)
    assert answer.status_code == 422
    assert "Deux pièces sont copiées." in answer.text
    unheard = client.send(url, data | {"heard_on": "2026-06-30"} | confirmed(), form=url)
    assert unheard.status_code == 409
    assert "Enregistrez l’invitation" in unheard.text
    stage = f"{url}/observations"
    facts = {"facts": "Deux pièces viennent d’un autre dossier.", "invited_on": "2026-06-20", "answer_by": "2026-06-29"}
    assert client.send(stage, facts | {"answer_by": "2026-06-21"}).status_code == 409
    assert client.send(stage, facts).status_code == 303
    assert (
        "Deux pièces viennent"
        in candidate_of(client.application, made).page(f"/dossiers/{made.candidacy_id}/resultats").text
    )
    heard = {"manner": "heard", "given_on": "2026-06-30", "text": "La personne reconnaît les faits."}
    action = next(form["action"] for form in client.page(stage).all("form") if "/observations/" in form["action"])
    assert client.send(action, heard, form=stage).status_code == 303
    proposed = client.send(url, data | {"heard_on": "2026-06-30"} | confirmed(), form=url)
    assert proposed.headers["Location"] == stage
    assert "n’est pas encore signé" in client.page(f"/certificats/{number}").text
    confirm_with_another(client, store, made, stage)
    assert "a été retiré" in client.page(f"/certificats/{number}").text


def candidate_of(app, made):
    other = app.test_client()
    other.log_in(made.candidate.email, factories.PASSWORD)
    return other


def confirm_with_another(client, store, made, stage):
    """The member who proposed has no form to confirm; another member of the body has."""
    page = client.page(stage)
    assert "Une autre personne de l’organisme la confirme" in page.text
    with store.transaction() as session:
        second = factories.certifier(session, made.body_id, "Nour Haddad")
        email = second.email
    other = client.application.test_client()
    other.log_in(email, factories.PASSWORD)
    action = next(form["action"] for form in other.page(stage).all("form") if form["action"].endswith("/confirmer"))
    assert other.get(action.replace("/confirmer", "/preuve")).status_code == 200
    assert other.send(action, {"password": "ce n’est pas lui"}, form=stage).status_code == 422
    assert (
        client.post(action, data={"csrf_token": page.hidden("csrf_token"), "password": factories.PASSWORD}).status_code
        == 409
    )
    assert other.send(action, {"password": factories.PASSWORD}, form=stage).status_code == 303


def test_a_block_acquired_elsewhere_is_entered_with_its_proof_and_has_its_public_page(client, store):
    made, _number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/acquis"
    data = {
        "block_id": str(made.blocks[1].id),
        "acquired_on": "2019-06-30",
        "obtained_at": "Formation de Lyon",
        "sure": "y",
    }
    assert client.send(url, data, form=url).status_code == 422
    answer = client.send(url, data | proven(), form=url)
    assert answer.status_code == 303
    page = client.page(url)
    assert "Formation de Lyon" in page.text
    with store.reader() as session:
        grant = (
            select(Certificate.number)
            .join(Grant, Grant.id == Certificate.grant_id)
            .where(Grant.acquisition_id.is_not(None))
        )
        number = session.scalars(grant).one()
    assert "une autre voie" in client.page(f"/certificats/{number}").text
    again = client.send(url, data | proven(), form=url)
    assert again.status_code == 409
    assert "déjà acquis" in again.text


def test_what_is_suspended_is_not_to_be_signed_and_every_page_and_paper_says_so(client, store):
    made, number = certified(store)
    speak(store, made)
    client.log_in(made.certifier.email, factories.PASSWORD)
    signing_page = "/organisme/certificats-a-signer"
    with store.reader() as session:
        one = session.scalars(select(Certificate).where(Certificate.number == number)).one()
    assert str(one.id) in [box["value"] for box in client.page(signing_page).all("input", type="checkbox")]
    suspend(client, store, made, number)
    page = client.page(signing_page)
    assert str(one.id) not in [box["value"] for box in page.all("input", type="checkbox")]
    assert "Pas à signer" in page.text
    with store.transaction() as session:
        assert sign(session, made.body_id, [one.id], by=made.certifier.id, at=factories.AT) == 0
    paper = words_of(client.get(f"/certificats/{number}/certificat.pdf").data)
    assert "Suspendu depuis le 1er juillet 2026" in paper
    assert "Acquis définitivement" not in paper
    results = client.page(f"/dossiers/{made.candidacy_id}/resultats").text
    assert f"Certificat n° {number} : il n’est pas valable aujourd’hui" in results


def test_the_candidate_and_the_certifier_read_what_a_certificate_may_say_of_the_register(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    for url in (f"/candidatures/{made.candidacy_id}/certificats/{number}", f"/dossiers/{made.candidacy_id}/resultats"):
        assert "L6113-9" in client.page(url).text


@pytest.mark.records("grant_annulment_proposed")
def test_what_a_later_act_changes_is_shown_before_it_is_done_and_nothing_is_done_yet(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    said = {"kind": "annulment", "reason": "Un membre était lié\nau candidat.", "decided_on": "2026-07-01"}
    before = rows(store)
    looked = client.send(url, said, form=url)
    page = Page(looked.text)
    assert looked.status_code == 200
    for words in (
        "Annulation : ce qui changera",
        "Rien n’est encore enregistré",
        "Samia Benali",
        "Bloc 1",
        "Bloc 4",
        "annulé",
    ):
        assert words in page.text
    assert "Bloc 2" not in page.text
    assert rows(store) == before
    kept = {one["name"]: one.get("value", "") for one in page.all("input", type="hidden")}
    back = client.post(url, data=kept | {"step": "edit"})
    assert "Un membre était lié" in back.text
    assert client.post(url, data=kept | confirmed()).status_code == 303
    assert rows(store) == before
    confirm_with_another(client, store, made, f"{url}/observations")
    assert "annulé" in client.page(f"/certificats/{number}").text
    with store.reader() as session:
        assert session.scalars(select(GrantStatusChange.reason)).one() == "Un membre était lié\nau candidat."


def test_a_rectification_is_said_to_change_no_certificate(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    said = {"kind": "rectification", "reason": "Le lieu est Rennes.", "decided_on": "2026-07-01"}
    assert "Aucun certificat ne change" in client.send(url, said, form=url).text


def rows(store) -> list[int]:
    with store.reader() as session:
        return [
            session.scalar(select(func.count()).select_from(kind))
            for kind in (GrantStatusChange, Grant, Certificate, LedgerEntry)
        ]


def test_a_block_held_already_is_not_offered_and_is_shown_locked_with_its_ground(client, store):
    made, _number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    page = client.page(f"/candidatures/{made.candidacy_id}/acquis")
    offered = [one.get("value") for one in page.all("option")]
    assert offered == ["", str(made.blocks[1].id), str(made.blocks[2].id)]
    assert "Bloc 1 acquis définitivement" in page.text.replace("\u00a0", " ")


@pytest.mark.parametrize(("fault", "status"), [(StoreFull, 507), (StoreUnavailable, 503)])
def test_a_store_that_cannot_take_the_proof_is_not_called_a_mistake_of_the_form(
    app, client, store, monkeypatch, fault, status
):
    made, _number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/acquis"
    monkeypatch.setattr(app.extensions["files"], "save", failing(fault))
    data = {
        "block_id": str(made.blocks[1].id),
        "acquired_on": "2019-06-30",
        "obtained_at": "Formation de Lyon",
        "sure": "y",
    }
    answer = client.send(url, data | proven(), form=url)
    assert answer.status_code == status
    assert "à corriger" not in Page(answer.text).text
    assert "Formation de Lyon" in answer.text


DECISION = {"kind": "rectification", "reason": "Un membre était lié au candidat.", "decided_on": "2026-07-01"}
SIX_BYTES = {"content": b"preuve", "name": "preuve.txt"}


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"password": "un autre mot de passe"}, "Ce n’est pas votre mot de passe"),
        (SIX_BYTES, "ne s’ouvre pas comme un document"),
        ({"content": b"preuve", "name": "preuve.pdf"}, "ne s’ouvre pas comme un document"),
    ],
)
def test_a_later_act_asks_for_the_password_again_and_for_a_proof_that_opens_as_a_document(client, store, sent, words):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    before = rows(store)
    answer = client.send(url, DECISION | confirmed(**sent), form=url)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert words in page.text
    assert page.hidden("reason") == DECISION["reason"], "nothing typed is lost"
    assert rows(store) == before
    assert client.send(url, DECISION | {"step": "confirm"}, form=url).status_code == 422, "neither was given"
    assert client.send(url, DECISION | confirmed(), form=url).status_code == 303
    assert "preuve.pdf" in client.page(url).text


def test_the_proof_of_a_later_act_is_kept_and_read_by_the_certifier(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    assert client.send(url, DECISION | confirmed(), form=url).status_code == 303
    with store.reader() as session:
        act = session.scalars(select(GrantStatusChange)).one()
        assert (act.file_name, act.file_mime) == ("preuve.pdf", "application/pdf")
    sent = client.get(f"{url}/preuves/{act.id}")
    assert (sent.status_code, sent.headers["Content-Disposition"].startswith("attachment")) == (200, True)


@pytest.mark.parametrize("sent", [{"password": "un autre mot de passe"}, SIX_BYTES])
def test_an_acquisition_asks_for_the_password_again_and_for_a_proof_that_opens_as_a_document(client, store, sent):
    made, _number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/acquis"
    data = {
        "block_id": str(made.blocks[1].id),
        "acquired_on": "2019-06-30",
        "obtained_at": "Formation de Lyon",
        "sure": "y",
    }
    before = rows(store)
    answer = client.send(url, data | proven(**sent), form=url)
    assert answer.status_code == 422
    assert "Formation de Lyon" in answer.text, "nothing typed is lost"
    assert rows(store) == before


def test_a_second_member_who_has_a_second_factor_is_asked_for_its_code(client, store):
    made, number = certified(store)
    client.log_in(made.certifier.email, factories.PASSWORD)
    url = f"/candidatures/{made.candidacy_id}/certificats/{number}"
    stage = client.send(url, SUSPENSION | confirmed(), form=url).location
    with store.transaction() as session:
        colleague = factories.certifier(session, made.body_id, "Nour Haddad")
    client.send("/deconnexion", form=url)
    client.log_in(colleague.email, factories.PASSWORD)
    assert not client.page(stage).all("input", name="code")
    with store.transaction() as session:
        moments = {"created_at": factories.AT, "confirmed_at": factories.AT}
        session.add(SecondFactor(person_id=colleague.id, secret=b"x", **moments))
    assert client.page(stage).all("input", name="code")
