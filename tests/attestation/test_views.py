"""The pages of attestations: the candidate asks, a third party answers by a link, readers see how it was collected."""

import io
import json
import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.dossier.models.attestation import Attestation, AttestationDraft, AttestationRequest
from portfolio.domain.dossier.use_cases import attestation_requests as requests
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.submission.use_cases.submit import submit
from portfolio.web.clock import now
from tests import factories
from tests.attestation import builders
from tests.page import CheckedClient, Page

EMAIL = "g.legoff@agence-du-port.fr"
TEXT = {
    "quality": "manager",
    "organisation": "Agence du Port",
    "capacity": "J’étais la directrice de l’agence.",
    "seen": "Samia a conduit seule la refonte du site.",
    "often": "Chaque semaine en 2015.",
    "tie": "none",
    "then": "review",
}


@pytest.fixture
def made(store: Database) -> builders.Scene:
    return builders.scene(store)


@pytest.fixture
def candidate(app: Flask, made: builders.Scene) -> CheckedClient:
    opened = app.test_client()
    assert opened.log_in(made.world.candidate.email, factories.PASSWORD).status_code == 303
    return opened


@pytest.fixture
def token(store: Database, made: builders.Scene) -> str:
    return builders.ask(store, made, at=now())[1]


def letter(store: Database, email: str = EMAIL, subject: str = "%") -> str:
    with store.reader() as session:
        return builders.last_letter(session, email, subject)


def rows(store: Database) -> dict[str, list[tuple[object, ...]]]:
    with store.engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }


def signed(client: CheckedClient, store: Database, token: str, **changed: str) -> object:
    """Write the whole text, have a code sent, sign."""
    client.send(f"/attester/{token}/texte", TEXT)
    client.send(f"/attester/{token}/code", form=f"/attester/{token}/relire")
    typed = builders.code_in(letter(store, subject="%code%"))
    fields = {"name": "Gwenaëlle Le Goff", "oath": "y", "code": typed} | changed
    return client.send(f"/attester/{token}/relire", fields)


def test_the_candidate_asks_follows_and_never_sees_the_link(candidate, store, made):
    base = f"/dossiers/{made.candidacy_id}/attestations"
    assert "Aucune demande" in candidate.page(base).text
    fields = {
        "name": "Gwenaëlle Le Goff", "email": EMAIL, "quality": "manager", "organisation": "Agence du Port",
        "experience_id": str(made.experience_id), "wanted": "La conduite de la refonte du site en 2015.",
        "competencies": str(made.world.competencies[1].id),
    }  # fmt: skip
    answer = candidate.send(f"{base}/demander", fields)
    assert answer.status_code == 303
    link = builders.token_in(letter(store))
    pages = [candidate.get(answer.location).text, candidate.get(base).text]
    assert "Pas encore ouverte" in pages[1]
    assert all(link not in page for page in pages)
    assert "Vous pourrez envoyer un rappel" in Page(pages[0]).text
    wrong = candidate.send(f"{base}/demander", fields | {"email": "sans-arobase", "wanted": ""})
    assert wrong.status_code == 422
    assert "Écrivez l’adresse entière" in wrong.text
    assert "Gwenaëlle Le Goff" in wrong.text, "nothing typed is lost"
    again = candidate.send(f"{base}/demander", fields)
    assert again.status_code == 422
    assert "déjà une demande en attente" in again.text
    key = answer.location.rsplit("/", 1)[1]
    early = candidate.send(f"{base}/{key}/relancer", form=f"{base}/{key}")
    assert early.status_code == 409
    assert candidate.send(f"{base}/{key}/retirer").status_code == 303
    assert "Retirée" in candidate.page(base).text


def test_two_clicks_ask_once(candidate, store, made):
    url = f"/dossiers/{made.candidacy_id}/attestations/demander"
    page = candidate.page(url)
    hidden = {field["name"]: field["value"] for field in page.all("input", type="hidden")}
    fields = hidden | {
        "name": "Gwen", "email": EMAIL, "quality": "client", "experience_id": str(made.experience_id), "wanted": "Tout.",
    }  # fmt: skip
    first, second = candidate.post(url, data=fields), candidate.post(url, data=fields)
    assert first.location == second.location
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(AttestationRequest)) == 1


def test_opening_a_link_by_get_changes_not_one_row(client, store, token):
    before = rows(store)
    for path in ("", "/texte", "/relire", "/document", "/refuser"):
        answer = client.get(f"/attester/{token}{path}")
        assert answer.status_code in {200, 303}
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert rows(store) == before


def test_a_third_party_sees_what_is_asked_and_nothing_else(client, store, made, token):
    with store.transaction() as session:
        piece = factories.evidence(session, made.candidacy_id, 1, "Canari du dossier")
        factories.claim(session, piece, made.world.competencies[0])
    page = client.page(f"/attester/{token}")
    assert "La conduite de la refonte du site en 2015." in page.text
    assert "Cheffe de projet, Agence du Port" in page.text
    assert "1.2 Organiser et suivre les opérations d’un projet" in page.text
    for path in ("", "/texte", "/document", "/refuser"):
        shown = client.get(f"/attester/{token}{path}").text
        assert "Canari" not in shown
        assert str(made.candidacy_id) not in shown
        assert EMAIL not in shown, "the address is masked"


def test_an_unknown_link_is_a_404_whatever_it_looks_like(client, made):
    answers = {client.get(f"/attester/{one}").text for one in ("x" * 43, "a", "%00", "é" * 20)}
    assert len(answers) == 1, "every one says the same"
    assert client.get(f"/attester/{'x' * 43}").status_code == 404
    assert client.get(f"/attester/copie/{'x' * 43}").status_code == 404
    assert client.get(f"/attester/copie/{'x' * 43}/attestation.pdf").status_code == 404


@pytest.mark.records("attestation_opened")
def test_writing_signing_and_the_copy(client, store, app, made, token):
    assert client.send(f"/attester/{token}").status_code == 303
    answer = signed(client, store, token)
    assert answer.status_code == 303
    thanks = client.page(answer.location)
    assert "Merci" in thanks.headings[0]
    pdf = client.get(answer.location + "/attestation.pdf")
    assert pdf.data.startswith(b"%PDF-1.7")
    assert "attachment" in pdf.headers["Content-Disposition"]
    for method, path in (("get", ""), ("get", "/texte"), ("post", "/texte"), ("get", "/relire")):
        gone = client.get(f"/attester/{token}{path}") if method == "get" else client.send(
            f"/attester/{token}{path}", TEXT, form="/connexion"
        )  # fmt: skip
        assert gone.status_code == 410
        assert "est signée" in gone.text
    with store.reader() as session:
        assert session.scalar(select(func.count()).select_from(AttestationDraft)) == 0


def test_nothing_typed_is_lost_when_the_link_dies_meanwhile(client, store, made, token):
    page = Page(client.get(f"/attester/{token}/texte").text)
    with store.transaction() as session:
        key = session.scalars(select(AttestationRequest.id)).one()
        requests.withdraw(session, made.candidacy_id, key, by=made.candidate_id, at=now())
    answer = client.post(
        f"/attester/{token}/texte", data=TEXT | {"csrf_token": page.hidden("csrf_token"), "revision": "0"}
    )
    assert answer.status_code == 410
    assert TEXT["seen"] in answer.text


def test_a_stale_token_shows_the_text_again_and_asks_nobody_to_log_in(client, app, token):
    answer = app.test_client().post(f"/attester/{token}/texte", data=TEXT | {"csrf_token": "vieux"})
    assert answer.status_code == 400
    assert TEXT["seen"] in answer.text
    assert "Mot de passe" not in answer.text


def test_what_is_missing_is_said_and_half_a_text_is_kept(client, store, token):
    url = f"/attester/{token}/texte"
    half = client.send(url, {"seen": "Un début.", "then": "later"})
    assert half.status_code == 303
    assert "Un début." in client.get(url).text
    answer = client.send(url, {"seen": "Un début.", "then": "review"})
    assert answer.status_code == 422
    for sentence in ("comment vous connaissez cette personne", "Répondez par oui ou par non"):
        assert sentence in answer.text
    assert client.get(f"/attester/{token}/relire").status_code == 303, "what lacks something is not signed"
    long = client.send(url, TEXT | {"seen": "x" * 7000})
    assert long.status_code == 422
    assert "trop long" in long.text


def test_a_text_is_saved_while_its_author_rests(client, token):
    url = f"/attester/{token}/texte"
    page = client.page(url)
    data = TEXT | {"csrf_token": page.hidden("csrf_token"), "revision": page.hidden("revision")}
    answer = client.post(url, data=data, headers={"X-Requested-With": "autosave"})
    assert (answer.status_code, answer.headers["X-Revision"]) == (204, "1")
    assert page.all("body")[0]["data-owner"], "the browser keeps it too"


def test_why_a_signature_is_refused_and_what_was_typed_stays(client, store, token):
    client.send(f"/attester/{token}/texte", TEXT)
    early = client.send(f"/attester/{token}/relire", {"name": "Gwenaëlle Le Goff", "oath": "y", "code": "123456"})
    assert early.status_code == 422
    assert "Aucun code" in early.text
    assert "Gwenaëlle Le Goff" in early.text
    unsworn = signed(client, store, token, oath="")
    assert unsworn.status_code == 422
    assert "Cochez cette phrase" in unsworn.text
    typed = builders.code_in(letter(store, subject="%code%"))
    wrong = "000000" if typed != "000000" else "111111"
    url = f"/attester/{token}/relire"
    for _ in range(5):
        answer = client.send(url, {"name": "Gwenaëlle Le Goff", "oath": "y", "code": wrong})
        assert answer.status_code == 422
    spent = client.send(url, {"name": "Gwenaëlle Le Goff", "oath": "y", "code": typed})
    assert spent.status_code == 422
    assert "Demandez-en un autre" in spent.text
    one_word = client.send(url, {"name": "Gwen", "oath": "y", "code": typed})
    assert "en toutes lettres" in one_word.text
    soon = client.send(f"/attester/{token}/code?signature=1", {"name": "Gwenaëlle Le Goff"}, form=url)
    assert soon.status_code == 409
    assert "Un code vient d’être demandé" in soon.text
    assert "441-7" in soon.text, "the law is said plainly"
    with store.reader() as session:
        assert session.scalars(select(Attestation)).first() is None


def test_a_text_changed_on_another_device_is_read_again_before_it_is_signed(client, store, token):
    client.send(f"/attester/{token}/texte", TEXT)
    client.send(f"/attester/{token}/code", form=f"/attester/{token}/relire")
    typed = builders.code_in(letter(store, subject="%code%"))
    page = client.page(f"/attester/{token}/relire")
    client.send(f"/attester/{token}/texte", TEXT | {"seen": "Autre chose."})
    fields = {"csrf_token": page.hidden("csrf_token"), "revision": page.hidden("revision")}
    fields |= {"name": "Gwenaëlle Le Goff", "oath": "y", "code": typed}
    answer = client.post(f"/attester/{token}/relire", data=fields)
    assert answer.status_code == 409
    assert "Autre chose." in answer.text
    assert "a changé depuis que vous l’avez relu" in answer.text


def test_a_joined_file_is_checked_like_any_other(client, app, token):
    client.send(f"/attester/{token}/texte", TEXT)
    url = f"/attester/{token}/document"
    files = app.extensions["files"]

    def join(content: bytes, name: str = "photo.txt") -> object:
        return client.send(url, {"file": (io.BytesIO(content), name)}, content_type="multipart/form-data")

    assert client.send(url).status_code == 422
    assert join(b"<html><script>alert(1)</script></html>", "a.html").status_code == 422
    assert list(files.keys()) == []
    assert join(b"Un organigramme").status_code == 303
    assert "photo.txt" in client.get(f"/attester/{token}/relire").text
    assert join(b"Un autre", "autre.txt").status_code == 303
    assert len(list(files.keys())) == 1, "the one before is deleted"
    assert client.send(f"{url}/retirer", form=f"/attester/{token}/relire").status_code == 303
    assert list(files.keys()) == []


def test_a_file_that_is_too_heavy_is_refused_with_its_limit(client, app, token):
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = settings.with_changes(annex_limit=1000)
    url = f"/attester/{token}/document"
    answer = client.send(url, {"file": (io.BytesIO(b"a" * 2000), "a.txt")}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "trop lourd" in answer.text


@pytest.mark.records("attestation_declined")
def test_declining_with_a_reason(client, candidate, store, made, token):
    answer = client.send(f"/attester/{token}/refuser", {"reason": "Je ne m’en souviens plus assez."})
    assert answer.status_code == 303
    assert client.get(answer.location).status_code == 410
    with store.reader() as session:
        key = session.scalars(select(AttestationRequest.id)).one()
    page = candidate.page(f"/dossiers/{made.candidacy_id}/attestations/{key}")
    assert "Je ne m’en souviens plus assez." in page.text


def test_the_candidate_claims_it_and_cannot_change_it(client, candidate, store, made, token):
    signed(client, store, token)
    with store.reader() as session:
        row = session.scalars(select(Attestation)).one()
    url = f"/dossiers/{made.candidacy_id}/preuves/{row.evidence_id}"
    page = candidate.page(url)
    assert "Recueillie en ligne auprès du tiers" in page.text
    assert "Signature vérifiée à l’instant" in page.text
    assert "Remplacer le fichier" not in page.text
    assert "Modifier la description" not in page.text
    for path in ("/fichier", "/description"):
        refused = candidate.get(url + path)
        assert refused.status_code == 409
        assert "son fichier et sa description ne changent plus" in refused.text
    jws = candidate.get(f"{url}/signature")
    keys = {one["kid"] for one in client.get("/.well-known/jwks.json").json["keys"]}
    import base64

    header = jws.text.split(".")[0]
    assert json.loads(base64.urlsafe_b64decode(header + "=="))["kid"] in keys
    assert "signée en ligne par le tiers" in candidate.page(f"/dossiers/{made.candidacy_id}/preuves").text
    ticked = [
        one["value"]
        for one in candidate.page(f"{url}/competences").all("input", name="competencies")
        if "checked" in one
    ]
    assert ticked == [str(made.world.competencies[1].id)], "what they were asked to attest of"
    claimed = candidate.send(
        f"{url}/competences",
        {"competencies": str(made.world.competencies[1].id), "passage": "1", "comment": "Ma directrice."},
    )
    assert claimed.status_code == 303


def test_a_certifier_sees_states_and_no_text(app, store, made, token):
    certifier = app.test_client()
    certifier.log_in(made.world.certifier.email, factories.PASSWORD)
    page = certifier.page(f"/candidatures/{made.candidacy_id}/attestations")
    assert "Gwenaëlle Le Goff" in page.text
    assert "refonte" not in page.text
    assert certifier.get(f"/dossiers/{made.candidacy_id}/attestations").status_code == 404


def test_the_advisor_follows_without_the_address_and_without_acting(app, candidate, store, made, token):
    advisor = app.test_client()
    advisor.log_in(made.world.advisor.email, factories.PASSWORD)
    with store.reader() as session:
        key = session.scalars(select(AttestationRequest.id)).one()
    url = f"/dossiers/{made.candidacy_id}/attestations/{key}"
    page = advisor.page(url)
    assert EMAIL not in page.text
    assert advisor.get(f"{url}/retirer").status_code == 403
    assert EMAIL in candidate.page(url).text


def test_a_letter_leaves_no_link_behind_once_it_has_left(store, made, token, config):
    from aiosmtpd.controller import Controller

    from config import Smtp, SmtpSecurity
    from portfolio.domain.email.delivery import send_pending
    from tests.email.test_delivery import Kept, free_port

    kept = Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        assert (
            send_pending(
                store, config.with_changes(smtp=Smtp("127.0.0.1", controller.port, security=SmtpSecurity.NONE)), now()
            )
            == 1
        )
    finally:
        controller.stop()
    [(to, message)] = kept.messages
    assert to == [EMAIL]
    assert token in message.get_payload(decode=True).decode()
    with store.reader() as session:
        assert session.scalars(select(OutgoingEmail).where(OutgoingEmail.to_email == EMAIL)).one().text == ""


def test_no_log_line_holds_a_link(client, store, token, capsys):
    client.get(f"/attester/{token}")
    client.send(f"/attester/{token}/texte", TEXT)
    said = capsys.readouterr()
    assert token not in said.out + said.err
    assert re.search(r"/attester/<token>", said.err + said.out)


def test_a_sealed_dossier_names_the_attestation_and_its_readers_see_how_it_was_collected(
    client, candidate, store, made, token
):
    signed(client, store, token)
    with store.transaction() as session:
        filled = made.world
        for number, competency in enumerate(filled.competencies, 10):
            piece = factories.evidence(session, made.candidacy_id, number, f"Pièce {number}")
            factories.claim(session, piece, competency)
            factories.narrative(session, made.candidacy_id, competency)
        sealed = submit(session, made.candidacy_id, "Je le jure.", by=made.candidate_id, at=now()).id
    page = candidate.page(f"/depots/{sealed}/lecture")
    assert "signée en ligne par le tiers" in page.text
    label = re.search(r"/depots/[0-9a-f-]+/pieces/(A-\d+)/lire", candidate.get(f"/depots/{sealed}/lecture").text).group(
        1
    )
    exhibit = candidate.page(f"/depots/{sealed}/pieces/{label}/lire")
    assert "Recueillie en ligne auprès du tiers" in exhibit.text
    assert candidate.get(f"/depots/{sealed}/pieces/{label}/signature").status_code == 200


def test_a_long_text_passes_once_its_link_is_open_and_a_stranger_sends_64_kb_at_most(client, app, token):
    url, typed = (
        f"/attester/{token}/texte",
        TEXT | {"seen": "Samia a conduit la refonte. " * 3_000, "csrf_token": "vieux"},
    )
    assert app.test_client().post(url, data=typed).status_code == 413
    assert client.get("/attester/un-autre-lien/texte").status_code == 404
    assert client.post(url, data=typed).status_code == 413, "an unknown link opens nothing"
    client.get(url)
    again = client.post(url, data=typed)
    assert again.status_code == 400, "only its token is stale"
    assert typed["seen"].strip() in again.text
