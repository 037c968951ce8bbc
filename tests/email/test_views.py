"""The page of letters: what a certifier reads, copies, marks and undoes; what no screen says before a row does."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from config import Smtp
from portfolio.db.engine import Database
from portfolio.domain.account.use_cases import invite, send_reset_link
from portfolio.domain.candidacy.use_cases import email_candidate
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import Box, DeliveryFailure
from portfolio.domain.email.use_cases import EmailTemplate, add_attachment, queue_email
from portfolio.screens.certifier.letters.queries import OutboxQuery, load_outbox
from portfolio.web.clock import now
from tests import factories
from tests.factories import World
from tests.jury import builders
from tests.page import CheckedClient


@pytest.fixture
def made(store: Database) -> World:
    with store.transaction() as session:
        world = factories.world(session, filled=False)
        invite(session, "neuve@exemple.fr", "Zoé Neuve", world.body.id, by=world.certifier.id, at=now(), why="advisor")
        send_reset_link(session, world.candidate.email, at=now())
        email_candidate(session, world.candidacy, EmailTemplate.DECIDED_LATER, at=now())
        facts = {"name": "Claire", "body": "Institut", "candidacy_id": world.candidacy.id}
        mail = queue_email(
            session, world.advisor, EmailTemplate.DECIDED_LATER, at=now(), body_id=world.body.id, **facts
        )
        add_attachment(mail, "tete-du-registre.txt", "eyJ.a.b")
        return world


@pytest.fixture
def certifier(client: CheckedClient, made: World) -> CheckedClient:
    client.log_in(made.certifier.email, factories.PASSWORD)
    return client


def key_of(store: Database, kind: EmailTemplate) -> str:
    with store.reader() as session:
        return str(session.scalars(select(OutgoingEmail.id).where(OutgoingEmail.kind == kind)).first())


def send(client: CheckedClient, path: str, **fields: str) -> int:
    token = client.page("/candidatures/nouvelle").hidden("csrf_token")
    return client.post(path, data={"csrf_token": token, **fields}).status_code


def with_server(app, port: int = 9) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].with_changes(smtp=Smtp("127.0.0.1", port))


def test_no_link_to_change_a_password_stands_on_the_page_of_letters(certifier: CheckedClient, store: Database):
    page = certifier.page("/courriers").text
    assert page.count("/invitation/") == 1, "the first invitation of somebody new, and no other"
    assert "Choisir un nouveau mot de passe" not in page
    assert send(certifier, f"/courriers/{key_of(store, EmailTemplate.RESET)}/remis") == 404


@pytest.mark.records("letter_hand_over_undone", "letter_handed_over", "reset_asked")
def test_a_letter_is_marked_and_the_mark_is_undone(certifier: CheckedClient, store: Database):
    key = key_of(store, EmailTemplate.INVITATION)
    waiting = certifier.page("/courriers").text.replace("\u00a0", " ")
    assert "À remettre : 3 courriers" in waiting
    assert "Cocher ce courrier" in waiting
    assert send(certifier, f"/courriers/{key}/remis", nom="zoe") == 303
    page = certifier.page("/courriers?liste=remis").text
    assert "Zoé Neuve" in page
    assert "/invitation/" not in page, "its link belongs to its reader now"
    assert "2" in certifier.page("/courriers").text
    assert send(certifier, f"/courriers/{key}/pas-remis", liste="remis") == 303
    assert certifier.page("/courriers").text.count("/invitation/") == 1


def test_a_letter_that_left_is_not_marked_as_handed_over(certifier: CheckedClient, store: Database):
    key = key_of(store, EmailTemplate.INVITATION)
    with store.transaction() as session:
        session.scalars(
            select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.INVITATION)
        ).one().sent_at = now()
    assert send(certifier, f"/courriers/{key}/remis") == 303
    with store.reader() as session:
        assert (
            session.scalars(
                select(OutgoingEmail.handed_over_at).where(OutgoingEmail.kind == EmailTemplate.INVITATION)
            ).one()
            is None
        )


def test_a_letter_is_found_by_the_name_of_its_reader(certifier: CheckedClient):
    found = certifier.page("/courriers?nom=ZOE").text
    assert "Zoé Neuve" in found
    assert "Claire" not in found.split("Chercher", 1)[1]
    assert "Aucun courrier de cette liste" in certifier.page("/courriers?nom=inconnue").text


def test_the_file_of_a_letter_is_given_with_it_to_its_body_only(certifier: CheckedClient, store: Database, app):
    page = certifier.page("/courriers")
    (link,) = [one["href"] for one in page.all("a") if "/courriers/fichiers/" in one.get("href", "")]
    answer = certifier.get(link)
    assert (answer.status_code, answer.text) == (200, "eyJ.a.b")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="tete-du-registre.txt"'
    with store.transaction() as session:
        other = factories.certifier(session, factories.body(session, "Un autre institut").id).email
    stranger = app.test_client()
    stranger.log_in(other, factories.PASSWORD)
    assert stranger.get(link).status_code == 404


def test_the_first_page_counts_the_letters_that_reached_nobody(certifier: CheckedClient):
    text = certifier.page("/organisme").text.replace("\u00a0", " ")
    assert "3 courriers ne sont pas parvenus à leurs destinataires" in text
    assert "Tout est à jour" not in text


def test_a_candidacy_says_where_its_invitation_is_from_its_row(
    certifier: CheckedClient, store: Database, made: World, app
):
    with store.transaction() as session:
        person = invite(session, "lea@exemple.fr", "Léa", made.body.id, by=made.certifier.id, at=now(), why="candidate")
        path = factories.candidacy(session, made.version, person).id
    url = f"/candidatures/{path}"
    assert "L’invitation est à remettre" in certifier.page(url).text
    with_server(app)
    assert "L’invitation va partir" in certifier.page(url).text
    with store.transaction() as session:
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == person.id)).one()
        mail.attempts, mail.failure, mail.next_attempt_at = 1, DeliveryFailure.REFUSED, now()
    assert "L’invitation n’est pas partie" in certifier.page(url).text
    with store.transaction() as session:
        session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == person.id)).one().sent_at = now()
    assert "L’invitation est partie" in certifier.page(url).text


def test_what_the_mail_server_refuses_is_told_with_what_becomes_of_it(certifier: CheckedClient, store: Database, app):
    with_server(app)
    with store.transaction() as session:
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.INVITATION)).one()
        mail.attempts, mail.failure, mail.failed_at, mail.next_attempt_at = (
            1,
            DeliveryFailure.CERTIFICATE,
            now(),
            now(),
        )
    text = certifier.page("/courriers").text.replace("\u00a0", " ")
    assert "son certificat n’est pas reconnu" in text
    assert "Les courriers sont gardés, et l’envoi est essayé de nouveau" in text
    assert "/invitation/" not in text, "with a mail server nobody hands a link over"
    assert "1 courrier n’est pas parvenu à la personne" in certifier.page("/organisme").text.replace("\u00a0", " ")


@pytest.mark.parametrize("server", [False, True])
def test_nothing_is_said_to_have_left_before_it_has(certifier: CheckedClient, made: World, app, server: bool):
    if server:
        with_server(app)
    answer = certifier.send(
        f"/candidatures/{made.candidacy.id}/accompagnement",
        {"name": "Nouvelle", "email": "nouvelle@exemple.fr"},
        form=f"/candidatures/{made.candidacy.id}",
    )
    text = certifier.page(answer.headers["Location"]).text
    assert ("Un courrier va partir" in text) is server
    assert ("Un courrier est à remettre" in text) is not server
    assert "prévenue par courrier" not in text


def test_without_mail_who_forgot_a_password_is_told_whom_to_ask(client: CheckedClient, app):
    app.config["SETTINGS"] = app.config["SETTINGS"].with_changes(contact="exploitation@exemple.fr")
    answer = client.send("/mot-de-passe", {"email": "x@exemple.fr"})
    assert "exploitation@exemple.fr" in answer.text
    assert "courriers indésirables" not in answer.text


def test_several_letters_are_marked_and_printed_in_one_act(certifier: CheckedClient, store: Database, made: World):
    with store.reader() as session:
        kept = session.scalars(select(OutgoingEmail).where(OutgoingEmail.kind == EmailTemplate.DECIDED_LATER)).all()
        ids, readers = [str(mail.id) for mail in kept], [mail.name for mail in kept]
    printed = certifier.page("/courriers/imprimer").text
    assert all(name in printed for name in readers)
    token = certifier.page("/courriers").hidden("csrf_token")
    answer = certifier.post("/courriers/remis", data={"csrf_token": token, "mail": ids})
    assert answer.status_code == 303
    assert "2 courriers sont marqués comme remis" in certifier.page("/courriers").text
    with store.reader() as session:
        assert all(session.get_one(OutgoingEmail, UUID(key)).handed_over_at for key in ids)


def test_a_summons_that_a_later_one_replaced_is_no_longer_to_hand_over(client: CheckedClient, store: Database):
    scene = builders.scene(store, ready=False)
    builders.summon(store, scene)
    builders.summon(store, scene, at=builders.SEALED_AT + timedelta(days=1))
    with store.reader() as session:
        box = load_outbox(session, scene.body_id, OutboxQuery(), has_server=False, at=now())
        waiting = [each.mail for each in box.letters if each.mail.kind == EmailTemplate.SUMMONS]
    assert len(waiting) == 5, "one a member"
    assert {mail.created_at for mail in waiting} == {builders.SEALED_AT + timedelta(days=1)}
    assert box.counts[Box.USELESS] >= 6
