"""Letters leave through a real SMTP server, once, or wait."""

import contextlib
import smtplib
import socket
from datetime import timedelta
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from config import Smtp, SmtpSecurity
from portfolio import create_app
from portfolio.domain.account.models import Person
from portfolio.domain.account.profile import change_email
from portfolio.domain.account.use_cases import invite
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.email.models import CertifyingBodySettings, OutgoingEmail
from portfolio.domain.email.rules import DeliveryFailure, DeliveryState, delivery_state
from portfolio.run.worker import worker_of
from tests import factories
from tests.applications import close_app
from tests.factories import AT


class Kept:
    """Keeps what the server receives; refuses while told to."""

    def __init__(self):
        self.messages = []
        self.refusing = False
        self.recipient_answer = "250 OK"
        self.quit_answer = "221 Bye"
        self.sender_answers = []

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if self.recipient_answer.startswith("250") or not address.startswith("samia"):
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return self.recipient_answer

    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        answer = self.sender_answers.pop(0) if self.sender_answers else "250 OK"
        envelope.mail_from = address if answer.startswith("250") else None
        return answer

    async def handle_QUIT(self, server, session, envelope):
        return self.quit_answer

    async def handle_DATA(self, server, session, envelope):
        if self.refusing:
            return self.refusing if isinstance(self.refusing, str) else "451 try again later"
        self.messages.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


def free_port():
    with contextlib.closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def post_office():
    kept = Kept()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield kept, Smtp("127.0.0.1", controller.port, security=SmtpSecurity.NONE)
    controller.stop()


@pytest.fixture
def letter(db):
    with db.transaction() as session:
        body = factories.body(session)
        invite(session, "samia@exemple.fr", "Samia Benali", body.id, by=None, at=AT, why="candidate")


def sent(db):
    with db.reader() as session:
        return session.scalars(select(OutgoingEmail)).one().sent_at is not None


def test_a_letter_leaves_once_with_its_link(db, config, post_office, letter):
    kept, smtp = post_office
    settings = config.with_changes(smtp=smtp, address="https://acquis.example")
    assert send_pending(db, settings, AT) == 1
    assert send_pending(db, settings, AT + timedelta(hours=1)) == 0
    [(to, message)] = kept.messages
    assert to == ["samia@exemple.fr"]
    text = message.get_payload(decode=True).decode()
    assert "https://acquis.example/invitation/" in text
    assert "acquis.exemple" not in text
    assert sent(db)


def test_a_letter_that_was_not_taken_is_tried_again_later(db, config, post_office, letter):
    kept, smtp = post_office
    settings = config.with_changes(smtp=smtp)
    kept.refusing = True
    assert send_pending(db, settings, AT) == 0
    assert not sent(db)
    kept.refusing = False
    assert send_pending(db, settings, AT + timedelta(seconds=10)) == 0, "its next try has its hour"
    assert send_pending(db, settings, AT + timedelta(hours=1)) == 1


def test_a_server_that_is_down_loses_nothing(db, config, letter):
    settings = config.with_changes(smtp=Smtp("127.0.0.1", free_port(), security=SmtpSecurity.NONE))
    assert send_pending(db, settings, AT) == 0
    assert not sent(db)


def test_without_a_server_the_letter_stays_here(db, config, letter):
    assert send_pending(db, config, AT) == 0
    assert not sent(db)


def test_a_refused_letter_holds_no_other_back_and_a_sender_that_dies_takes_one(
    db, config, post_office, letter, monkeypatch
):
    kept, smtp = post_office
    settings = config.with_changes(smtp=smtp)
    with db.transaction() as session:
        for number in range(3):
            invite(session, f"{number}@exemple.fr", "Marc", factories.body(session).id, by=None, at=AT, why="candidate")
    whole = smtplib.SMTP.send_message

    def dies(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(smtplib.SMTP, "send_message", dies)
    with pytest.raises(KeyboardInterrupt):
        send_pending(db, settings, AT)
    with db.reader() as session:
        assert sorted(session.scalars(select(OutgoingEmail.attempts))) == [0, 0, 0, 1], "the others are not even tried"
    monkeypatch.setattr(smtplib.SMTP, "send_message", whole)
    assert send_pending(db, settings, AT + timedelta(seconds=1)) == 3
    assert send_pending(db, settings, AT + timedelta(hours=1)) == 1
    assert len({message["Message-ID"] for _, message in kept.messages}) == 4
    with db.reader() as session:
        assert {f"<{id}@acquis.invalid>" for id in session.scalars(select(OutgoingEmail.id))} == {
            message["Message-ID"] for _, message in kept.messages
        }, "sent twice, it would be known"


def test_a_server_that_takes_nothing_is_asked_once_a_round(db, config, letter):
    with db.transaction() as session:
        invite(session, "marc@exemple.fr", "Marc", factories.body(session).id, by=None, at=AT, why="candidate")
    settings = config.with_changes(smtp=Smtp("127.0.0.1", free_port(), security=SmtpSecurity.NONE))
    assert send_pending(db, settings, AT) == 0
    with db.reader() as session:
        assert sorted(session.scalars(select(OutgoingEmail.attempts))) == [0, 1]


@pytest.mark.both
def test_two_senders_send_it_once(db, config, post_office, letter):
    from concurrent.futures import ThreadPoolExecutor

    kept, smtp = post_office
    settings = config.with_changes(smtp=smtp)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: send_pending(db, settings, AT), range(4))) == 1
    assert len(kept.messages) == 1


def test_the_worker_leaves_a_server_that_takes_nothing_alone_for_a_minute(store, config):
    with store.transaction() as session:
        for email in ("samia@exemple.fr", "marc@exemple.fr"):
            invite(session, email, "Marc", factories.body(session).id, by=None, at=AT, why="candidate")
    app = create_app(config.with_changes(smtp=Smtp("127.0.0.1", free_port(), security=SmtpSecurity.NONE)))
    [mail] = [source for source in worker_of(app).sources if source.name == "mail"]
    mail.next_task()()
    assert mail.next_task() is None
    assert mail.pause_seconds == 60
    with store.reader() as session:
        assert sorted(session.scalars(select(OutgoingEmail.attempts))) == [0, 1], "the other letter is not even tried"
    close_app(app)


@pytest.fixture
def second_letter(db, letter):
    with db.transaction() as session:
        invite(session, "marc@exemple.fr", "Marc", factories.body(session).id, by=None, at=AT, why="candidate")


def row_of(db, email):
    with db.reader() as session:
        return session.scalars(
            select(OutgoingEmail).where(OutgoingEmail.search_words.contains(email.partition("@")[0]))
        ).one()


@pytest.mark.parametrize("answer", ["250 OK", "421 closing", "500 what?"])
def test_what_was_taken_at_data_is_sent_whatever_the_server_says_to_quit(
    db, config, post_office, second_letter, answer
):
    kept, smtp = post_office
    kept.quit_answer = answer
    settings = config.with_changes(smtp=smtp)
    assert send_pending(db, settings, AT) == 2
    assert send_pending(db, settings, AT + timedelta(days=1)) == 0
    assert len(kept.messages) == 2


@pytest.mark.parametrize("where", ["subject", "address"])
def test_a_row_that_cannot_become_a_letter_is_set_aside_and_stops_nobody(db, config, post_office, second_letter, where):
    kept, smtp = post_office
    settings = config.with_changes(smtp=smtp)
    with db.transaction() as session:
        mail = session.scalars(select(OutgoingEmail).where(OutgoingEmail.search_words.contains("samia"))).one()
        if where == "subject":
            mail.subject = "Votre dossier\rBcc: marc@exemple.fr"
        else:
            mail.person.email = "samia@exemple.fr\nBcc: marc@exemple.fr"
    assert send_pending(db, settings, AT) == 1
    assert send_pending(db, settings, AT + timedelta(days=1)) == 0, "it is not tried again"
    aside = row_of(db, "samia@exemple.fr")
    assert aside.failure is DeliveryFailure.UNWRITABLE
    assert delivery_state(aside.delivery(), has_server=True) is DeliveryState.TO_HAND_OVER
    assert [to for to, _ in kept.messages] == [["marc@exemple.fr"]]


@pytest.mark.parametrize(
    ("answer", "failure", "tries"),
    [
        ("550 5.1.1 no such user", DeliveryFailure.NO_SUCH_ADDRESS, 1),
        ("550 unknown", DeliveryFailure.NO_SUCH_ADDRESS, 1),
        ("554 5.7.1 relay access denied", DeliveryFailure.REFUSED, 1),
        ("450 4.2.1 busy", DeliveryFailure.REFUSED, 2),
    ],
)
def test_a_recipient_refused_for_good_is_not_tried_again(
    db, config, post_office, second_letter, answer, failure, tries
):
    kept, smtp = post_office
    kept.recipient_answer = answer
    settings = config.with_changes(smtp=smtp)
    assert send_pending(db, settings, AT) == 1
    assert row_of(db, "samia@exemple.fr").failure is failure
    kept.recipient_answer = "250 OK"
    assert 1 + send_pending(db, settings, AT + timedelta(hours=1)) == tries


def test_a_letter_refused_for_good_at_data_is_not_tried_again(db, config, post_office, letter):
    kept, smtp = post_office
    kept.refusing = "552 too much"
    settings = config.with_changes(smtp=smtp)
    assert send_pending(db, settings, AT) == 0
    kept.refusing = False
    assert send_pending(db, settings, AT + timedelta(days=1)) == 0


def test_a_corrected_address_gets_what_the_former_one_did_not_take(db, config, post_office, letter):
    kept, smtp = post_office
    kept.recipient_answer = "550 5.1.1 no such user"
    settings = config.with_changes(smtp=smtp)
    assert send_pending(db, settings, AT) == 0
    with db.transaction() as session:
        person = session.scalars(select(Person).where(Person.email == "samia@exemple.fr")).one()
        change_email(session, person.id, "benali@exemple.fr", by=person.id, at=AT)
    assert send_pending(db, settings, AT + timedelta(minutes=1)) == 1, "the notice to the former address is refused"
    assert [to for to, _ in kept.messages] == [["benali@exemple.fr"]]


def test_a_letter_says_that_a_program_wrote_it_and_whom_to_answer(db, config, post_office, letter):
    kept, smtp = post_office
    with db.transaction() as session:
        body_id = session.scalars(select(OutgoingEmail.body_id)).one()
        contact = "Service VAE, 01 23 45 67 89, vae@ecole.exemple.fr (le matin)"
        session.merge(CertifyingBodySettings(body_id=body_id, contact=contact))
    settings = config.with_changes(smtp=smtp, mail_from="École <ne-pas-repondre@ecole.exemple.fr>")
    assert send_pending(db, settings, AT) == 1
    [(_, message)] = kept.messages
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Reply-To"] == "vae@ecole.exemple.fr"
    assert message["Message-ID"].endswith("@ecole.exemple.fr>")


@pytest.mark.parametrize("answer", ["552 5.3.4 message too big", "552 message size exceeds fixed maximum message size"])
def test_a_letter_too_large_for_the_server_is_refused_for_good_and_stops_nobody(
    db, config, post_office, second_letter, answer
):
    kept, smtp = post_office
    kept.sender_answers = [answer]
    settings = config.with_changes(smtp=smtp)
    assert send_pending(db, settings, AT) == 1
    assert send_pending(db, settings, AT + timedelta(days=1)) == 0, "it is not tried again"
    failures = {row_of(db, address).failure for address in ("samia@exemple.fr", "marc@exemple.fr")}
    assert failures == {DeliveryFailure.REFUSED, None}, "whichever was first"


def test_a_sender_that_the_server_does_not_take_keeps_every_letter(db, config, post_office, second_letter):
    kept, smtp = post_office
    kept.sender_answers = ["550 5.7.1 sender not allowed"]
    settings = config.with_changes(smtp=smtp)
    assert send_pending(db, settings, AT) == 0
    assert send_pending(db, settings, AT + timedelta(days=1)) == 2
