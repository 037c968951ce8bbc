"""Send pending e-mails: take a lease on the row, call the mail server, record the result; retry later after a
failure.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, exists, false, select
from sqlalchemy.orm import Session, joinedload

from config import Config, Smtp, SmtpSecurity
from portfolio.db.engine import Database
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import MAX_TRIES, DeliveryFailure
from portfolio.domain.email.use_cases import body_of

log = structlog.get_logger("acquis")
LEASE = timedelta(minutes=2)
BATCH = 200
TIMEOUT_S = 20
# What the server refuses of one letter; everything else it refuses concerns all of them.
OF_ONE_LETTER = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError)
# A link in a header must stay in one piece: folded, it would be encoded, and no mail program could follow it.
WHOLE_LINES = default.clone(max_line_length=998)


def send_pending(database: Database, config: Config, at: datetime) -> int:
    """Send the letters that are due and return how many left. Nothing happens without a mail server.

    Each is taken under a lease just before it is sent, so that two senders do not send it twice, and a sender
    that dies holds back no other one. A letter that the server did not take is tried again, later and later;
    a server that does not answer is left alone until the next round. A sender that dies after the server took
    a letter and before its row says so sends that one again: it has the same Message-ID, by which mail
    programs know it.
    """
    sent = 0
    for _ in range(BATCH):
        send = claim_letter(database, config, at)
        if send is None:
            break
        try:
            sent += send()
        except OSError:  # nobody is there: the others do not wait for it, each twenty seconds
            break
    return sent


def letter_due(config: Config, at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a letter is due; none is without a mail server."""
    return exists().where(*_is_due(at)) if config.smtp is not None else false()


def claim_letter(database: Database, config: Config, at: datetime) -> Callable[[], bool] | None:
    """Lease the next letter that is due, and return how to send it; None when there is none, or no mail
    server.

    Sending it returns whether the server took it, and raises OSError when the server takes none.
    """
    smtp = config.smtp
    if smtp is None:
        return None
    with database.reader() as session:
        if session.scalar(_due(at).limit(1)) is None:
            return None
    with database.transaction() as session:
        mail = _take_next(session, at)
        return partial(_send_one, database, smtp, mail.id, _message(mail, config, at), at) if mail else None


def _is_due(at: datetime | ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    waiting = (OutgoingEmail.next_attempt_at.is_(None)) | (OutgoingEmail.next_attempt_at <= at)
    unsent = OutgoingEmail.sent_at.is_(None) & OutgoingEmail.handed_over_at.is_(None)
    return unsent, OutgoingEmail.attempts < MAX_TRIES, waiting


def _due(at: datetime) -> Select[OutgoingEmail]:
    return select(OutgoingEmail).where(*_is_due(at)).order_by(OutgoingEmail.created_at, OutgoingEmail.id)


def _take_next(session: Session, at: datetime) -> OutgoingEmail | None:
    mail = session.scalar(
        _due(at)
        .limit(1)
        .options(joinedload(OutgoingEmail.person))
        .with_for_update(skip_locked=True, of=OutgoingEmail)
    )
    if mail is not None:
        mail.attempts += 1
        mail.next_attempt_at = at + LEASE * 2**mail.attempts
    return mail


def _message(mail: OutgoingEmail, config: Config, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=WHOLE_LINES)
    message["From"] = config.mail_from
    message["To"] = mail.email
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.id}@acquis.invalid>"
    if mail.unsubscribe:  # one click in the reader's own mail program (RFC 8058)
        message["List-Unsubscribe"] = f"<{config.address.rstrip('/')}{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body_of(mail, config.address))
    for attachment in mail.attachments:
        subtype, parameters = _text_type(attachment.media_type)
        message.add_attachment(attachment.text, subtype=subtype, filename=attachment.name, params=parameters)
    return message


def _text_type(media_type: str | None) -> tuple[str, dict[str, str]]:
    """Return the subtype of a text and its parameters: « calendar » and its method, « plain » without a
    type.
    """
    name, *rest = (media_type or "text/plain").split(";")
    parameters = dict(part.strip().split("=", 1) for part in rest)
    return name.partition("/")[2], parameters


def _send_one(database: Database, smtp: Smtp, mail_id: UUID, message: EmailMessage, at: datetime) -> bool:
    """Hand one letter to the server and answer whether it took it; raises OSError when it takes none.

    A refusal is recorded on the row, which keeps the letter for its next try.
    """
    try:
        with connect(smtp) as server:
            server.send_message(message)
    except OSError as error:  # those of smtplib and ssl are some too
        failure = failure_of(error)
        _record_failure(database, mail_id, failure, at)
        log.warning("mail_not_taken", mail=str(mail_id), kind=type(error).__name__, failure=failure.value)
        if isinstance(error, OF_ONE_LETTER):
            return False
        raise
    with database.transaction() as session:
        mail = session.get_one(OutgoingEmail, mail_id)
        mail.sent_at, mail.failure, mail.failed_at = at, None, None
        if mail.is_sensitive:
            mail.text = ""
    log.info("mail_sent", mail=str(mail_id))
    return True


def connect(smtp: Smtp) -> smtplib.SMTP:
    """Connect to the server, whose certificate and name are verified, and log in when a user is set."""
    context = ssl.create_default_context()
    if smtp.ca_file:
        context.load_verify_locations(smtp.ca_file)
    if smtp.security is SmtpSecurity.TLS:
        server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(smtp.host, smtp.port, timeout=TIMEOUT_S)
    try:
        if smtp.security is SmtpSecurity.STARTTLS:
            server.ehlo_or_helo_if_needed()
            if not server.has_extn("starttls"):
                raise NoTlsError("the mail server does not offer STARTTLS")
            server.starttls(context=context)
        if smtp.user:
            _log_in(server, smtp)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, smtp: Smtp) -> None:
    try:
        server.login(smtp.user, smtp.password)
    except smtplib.SMTPNotSupportedError as error:  # raised of the server here, not of a letter
        raise smtplib.SMTPAuthenticationError(503, str(error)) from error


class NoTlsError(OSError):
    """The mail server does not offer the protection that is asked of it."""


def failure_of(error: OSError) -> DeliveryFailure:
    """Return why a letter was not taken, from what the client of the mail server raised."""
    if isinstance(error, (*OF_ONE_LETTER, smtplib.SMTPSenderRefused)):
        return DeliveryFailure.REFUSED
    if isinstance(error, ssl.SSLCertVerificationError):
        return DeliveryFailure.CERTIFICATE
    if isinstance(error, NoTlsError):
        return DeliveryFailure.NO_TLS
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryFailure.LOGIN
    return DeliveryFailure.UNREACHABLE


def _record_failure(database: Database, mail_id: UUID, failure: DeliveryFailure, at: datetime) -> None:
    with database.transaction() as session:
        mail = session.get_one(OutgoingEmail, mail_id)
        mail.failure, mail.failed_at = failure, at
