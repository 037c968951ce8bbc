"""The mail server proves who it is before anything is entrusted to it; what it does not take is kept and told."""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from config import Config, Smtp, SmtpSecurity
from portfolio.db.engine import Database
from portfolio.domain.account.use_cases import invite
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import DeliveryFailure
from portfolio.domain.email.use_cases import EmailTemplate, add_attachment, queue_email
from tests import factories
from tests.email.test_delivery import Kept, free_port
from tests.factories import AT

Started = Callable[..., tuple[Kept, int]]


def self_signed(folder: Path, address: str = "127.0.0.1") -> tuple[Path, Path]:
    """Make a certificate that no authority knows, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "mail.pem", folder / "mail.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Started]:
    """Start mail servers; those with TLS have a certificate of their own making."""
    running: list[Callable[[], object]] = []

    def one(*, starttls: bool = False, implicit: bool = False, address: str = "127.0.0.1") -> tuple[Kept, int]:
        kept, port, context = Kept(), free_port(), None
        if starttls or implicit:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*self_signed(tmp_path, address))
        if implicit:
            running.append(serve_implicit_tls(kept, port, context))
        else:
            controller = Controller(
                kept, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=starttls
            )
            controller.start()
            running.append(controller.stop)
        return kept, port

    yield one
    for stop in running:
        stop()


def serve_implicit_tls(kept: Kept, port: int, context: ssl.SSLContext | None) -> Callable[[], object]:
    """Answer on a port whose connections begin with TLS, which `Controller` cannot try itself; return how to stop."""
    loop = asyncio.new_event_loop()
    thread = Thread(
        target=loop.run_forever
    )  # the thread of the test may have a loop of its own, of a browser that it drives
    thread.start()
    sessions: list[SMTP] = []

    def answer() -> SMTP:
        sessions.append(SMTP(kept, loop=loop))
        return sessions[-1]

    listening = loop.create_server(answer, "127.0.0.1", port, ssl=context)
    server = asyncio.run_coroutine_threadsafe(listening, loop).result(10)

    async def end() -> None:
        """Close every connection, and leave the loop the time to release their sockets."""
        server.close()
        for session in sessions:
            if session.transport is not None:
                session.transport.abort()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.2)

    def stop() -> None:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

    return stop


@pytest.fixture
def letter(db: Database) -> None:
    with db.transaction() as session:
        invite(session, "samia@exemple.fr", "Samia", factories.body(session).id, by=None, at=AT, why="candidate")


def failure_in(db: Database) -> tuple[DeliveryFailure | None, bool]:
    with db.reader() as session:
        mail = session.scalars(select(OutgoingEmail)).one()
        return mail.failure, mail.sent_at is not None


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing_and_the_letter_is_kept(
    db, config, start, letter, tmp_path
):
    kept, port = start(starttls=True)
    smtp = Smtp("127.0.0.1", port)
    assert send_pending(db, config.with_changes(smtp=smtp), AT) == 0
    assert kept.messages == []
    assert failure_in(db) == (DeliveryFailure.CERTIFICATE, False)
    trusted = Smtp("127.0.0.1", port, ca_file=str(tmp_path / "mail.pem"))
    assert send_pending(db, config.with_changes(smtp=trusted), AT + timedelta(seconds=30)) == 0, (
        "its next try has its hour"
    )
    assert send_pending(db, config.with_changes(smtp=trusted), AT + timedelta(hours=1)) == 1
    assert len(kept.messages) == 1
    assert failure_in(db) == (None, True)


def test_a_certificate_of_another_name_is_refused_even_when_its_authority_is_known(db, config, start, letter, tmp_path):
    kept, port = start(starttls=True, address="192.0.2.1")
    smtp = Smtp("127.0.0.1", port, ca_file=str(tmp_path / "mail.pem"))
    assert send_pending(db, config.with_changes(smtp=smtp), AT) == 0
    assert kept.messages == []
    assert failure_in(db) == (DeliveryFailure.CERTIFICATE, False)


def test_a_server_without_tls_gets_nothing_unless_a_setting_says_so(db, config, start, letter):
    kept, port = start()
    assert send_pending(db, config.with_changes(smtp=Smtp("127.0.0.1", port)), AT) == 0
    assert kept.messages == []
    assert failure_in(db) == (DeliveryFailure.NO_TLS, False)
    plain = Smtp("127.0.0.1", port, security=SmtpSecurity.NONE)
    assert send_pending(db, config.with_changes(smtp=plain), AT + timedelta(hours=1)) == 1


def test_implicit_tls_is_verified_too(db, config, start, letter, tmp_path):
    kept, port = start(implicit=True)
    smtp = Smtp("127.0.0.1", port, security=SmtpSecurity.TLS)
    assert send_pending(db, config.with_changes(smtp=smtp), AT) == 0
    assert failure_in(db) == (DeliveryFailure.CERTIFICATE, False)
    trusted = Smtp("127.0.0.1", port, security=SmtpSecurity.TLS, ca_file=str(tmp_path / "mail.pem"))
    assert send_pending(db, config.with_changes(smtp=trusted), AT + timedelta(hours=1)) == 1
    assert len(kept.messages) == 1


def test_a_server_that_wants_another_password_is_told_of(db, config, start, letter, tmp_path):
    _, port = start(starttls=True)
    smtp = Smtp("127.0.0.1", port, user="acquis", password="faux", ca_file=str(tmp_path / "mail.pem"))
    assert send_pending(db, config.with_changes(smtp=smtp), AT) == 0
    assert failure_in(db) == (DeliveryFailure.LOGIN, False)


def test_a_refused_letter_says_so_on_its_row(db, config, start, letter):
    kept, port = start()
    kept.refusing = True
    plain = Smtp("127.0.0.1", port, security=SmtpSecurity.NONE)
    assert send_pending(db, config.with_changes(smtp=plain), AT) == 0
    assert failure_in(db) == (DeliveryFailure.REFUSED, False)


def test_the_files_of_a_letter_are_sent_with_it(db, config, start):
    with db.transaction() as session:
        made = factories.world(session, filled=False)
        facts = {"name": "Samia", "body": "Institut", "candidacy_id": made.candidacy.id}
        mail = queue_email(session, made.candidate, EmailTemplate.DECIDED_LATER, at=AT, body_id=made.body.id, **facts)
        add_attachment(mail, "tete-du-registre.txt", "eyJ.abc.def\n")
    kept, port = start()
    assert send_pending(db, config.with_changes(smtp=Smtp("127.0.0.1", port, security=SmtpSecurity.NONE)), AT) == 1
    [(_, message)] = kept.messages
    [file] = [part for part in message.walk() if part.get_filename()]
    assert file.get_filename() == "tete-du-registre.txt"
    assert file.get_payload(decode=True).decode().strip() == "eyJ.abc.def"


def test_a_letter_handed_over_is_not_sent_as_well(db, config, start, letter):
    with db.transaction() as session:
        session.scalars(select(OutgoingEmail)).one().handed_over_at = AT
    _, port = start()
    assert send_pending(db, config.with_changes(smtp=Smtp("127.0.0.1", port, security=SmtpSecurity.NONE)), AT) == 0


@pytest.mark.parametrize(
    ("env", "port", "security"),
    [
        ({}, 587, SmtpSecurity.STARTTLS),
        ({"SMTP_PORT": "25"}, 25, SmtpSecurity.STARTTLS),
        ({"SMTP_PORT": "465"}, 465, SmtpSecurity.TLS),
        ({"SMTP_PORT": "25", "SMTP_SECURITY": "none"}, 25, SmtpSecurity.NONE),
        ({"SMTP_SECURITY": "TLS"}, 587, SmtpSecurity.TLS),
    ],
)
def test_nothing_leaves_in_plain_text_unless_the_installation_asks_for_it(tmp_path, env, port, security):
    smtp = Config.from_env({"DATA": str(tmp_path), "SMTP_HOST": "mail.exemple.fr", **env}).smtp
    assert smtp is not None
    assert (smtp.port, smtp.security) == (port, security)


def test_a_protection_that_does_not_exist_stops_the_start(tmp_path):
    with pytest.raises(ValueError, match="SMTP_SECURITY"):
        Config.from_env({"DATA": str(tmp_path), "SMTP_HOST": "mail.exemple.fr", "SMTP_SECURITY": "yes"})
