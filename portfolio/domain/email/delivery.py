"""Send pending e-mails: take a lease on the row, call the mail server, record the result; retry later
after a failure.
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, parseaddr
from functools import partial
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, Select, exists, false, select
from sqlalchemy.orm import Session, joinedload

from config import Config, Smtp, SmtpSecurity
from portfolio.db.engine import Database
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import MAX_TRIES, DeliveryFailure
from portfolio.domain.email.use_cases import body_of, find_reply_address

log = structlog.get_logger("acquis")
LEASE = timedelta(minutes=2)
BATCH = 200
TIMEOUT_S = 20
# What the server refuses of one letter, once it took its sender.
OF_ONE_LETTER = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError)
# Under these codes a refused recipient does not exist (RFC 5321 §4.2.3), unless an enhanced code names
# something else than the address, 5.1 (RFC 3463 §3.2).
NO_SUCH_ADDRESS_CODES = (550, 551, 553)
PERMANENT = 500
# Said of the sender, before the letter itself: it is larger than the server takes (RFC 1870 §6.1).
TOO_LARGE_CODE = 552
_ENHANCED_CODE = re.compile(rb"5\.(\d{1,3})\.\d{1,3}\b")
# A link in a header must stay in one piece: folded, it would be encoded, and no mail program could follow it.
WHOLE_LINES = default.clone(max_line_length=998)


def send_pending(database: Database, config: Config, at: datetime) -> int:
    """Send the letters that are due and return how many left. Nothing happens without a mail server.

    Each is taken under a lease just before it is sent, so that two senders do not send it twice, and a sender
    that dies holds back no other one. A letter that the server did not take is tried again, later and later;
    a server that does not answer is left alone until the next round. A sender that dies after the server took
    a letter and before its row says so sends that one again: it has the same Message-ID, by which mail
    programs know it. A letter refused for good (5xx), or that cannot be written, waits for a person.
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
    """Lease the next letter that is due, and return how to send it; None when there is none, or no mail server.

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
        if mail is None:
            return None
        try:
            message = _message(session, mail, config, at)
        except Exception as error:  # the email package has no one class for a header that it cannot write
            _record(mail, DeliveryFailure.UNWRITABLE, at, is_final=True)
            log.warning("mail_unwritable", mail=str(mail.id), kind=type(error).__name__)
            return lambda: False
        return partial(_send_one, database, smtp, mail.id, message, at)


def _is_due(at: datetime | ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    waiting = (OutgoingEmail.next_attempt_at.is_(None)) | (OutgoingEmail.next_attempt_at <= at)
    unsent = OutgoingEmail.sent_at.is_(None) & OutgoingEmail.handed_over_at.is_(None)
    return unsent, OutgoingEmail.attempts < MAX_TRIES, waiting


def _due(at: datetime) -> Select[OutgoingEmail]:
    return select(OutgoingEmail).where(*_is_due(at)).order_by(OutgoingEmail.created_at, OutgoingEmail.id)


def _take_next(session: Session, at: datetime) -> OutgoingEmail | None:
    mail = session.scalar(
        _due(at).limit(1).options(joinedload(OutgoingEmail.person)).with_for_update(skip_locked=True, of=OutgoingEmail)
    )
    if mail is not None:
        mail.attempts += 1
        mail.next_attempt_at = at + LEASE * 2**mail.attempts
    return mail


def _message(session: Session, mail: OutgoingEmail, config: Config, at: datetime) -> EmailMessage:
    """Return the letter as it travels; raise whatever the email package raises when it cannot be written."""
    message = EmailMessage(policy=WHOLE_LINES)
    message["From"] = config.mail_from
    message["To"] = mail.email
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.id}@{parseaddr(config.mail_from)[1].rpartition('@')[2] or 'acquis.invalid'}>"
    message["Auto-Submitted"] = "auto-generated"  # no program answers it (RFC 3834)
    if reply_to := find_reply_address(session, mail.body_id):
        message["Reply-To"] = reply_to
    if mail.unsubscribe:  # one click in the reader's own mail program (RFC 8058)
        message["List-Unsubscribe"] = f"<{config.address.rstrip('/')}{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(body_of(mail, config.address))
    for attachment in mail.attachments:
        subtype, parameters = _text_type(attachment.media_type)
        message.add_attachment(attachment.text, subtype=subtype, filename=attachment.name, params=parameters)
    message.as_bytes(policy=WHOLE_LINES.clone(utf8=True))  # what cannot be written fails here, not on the way
    return message


def _text_type(media_type: str | None) -> tuple[str, dict[str, str]]:
    """Return the subtype of a text and its parameters: « calendar » and its method, « plain » without a type."""
    name, *rest = (media_type or "text/plain").split(";")
    parameters = dict(part.strip().split("=", 1) for part in rest)
    return name.partition("/")[2], parameters


def _send_one(database: Database, smtp: Smtp, mail_id: UUID, message: EmailMessage, at: datetime) -> bool:
    """Hand one letter to the server and answer whether it took it; raises OSError when it takes none.

    A refusal is recorded on the row, which keeps the letter for its next try. What the server took at DATA is
    sent, whatever it answers when the connection ends.
    """
    try:
        server = connect(smtp)
        try:
            server.send_message(message)
        finally:
            with contextlib.suppress(OSError):
                server.quit()
            server.close()
    except OSError as error:  # those of smtplib and ssl are some too
        failure = failure_of(error)
        with database.transaction() as session:
            mail = session.get_one(OutgoingEmail, mail_id)
            _record(mail, failure, at, is_final=_is_final(error))
        log.warning("mail_not_taken", mail=str(mail_id), kind=type(error).__name__, failure=failure.value)
        if _is_of_one_letter(error):
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
    if any(_is_no_such_address(code, text) for code, text in _recipients_refused(error)):
        return DeliveryFailure.NO_SUCH_ADDRESS
    if isinstance(error, (*OF_ONE_LETTER, smtplib.SMTPSenderRefused)):
        return DeliveryFailure.REFUSED
    if isinstance(error, ssl.SSLCertVerificationError):
        return DeliveryFailure.CERTIFICATE
    if isinstance(error, NoTlsError):
        return DeliveryFailure.NO_TLS
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return DeliveryFailure.LOGIN
    return DeliveryFailure.UNREACHABLE


def _recipients_refused(error: OSError) -> list[tuple[int, bytes]]:
    """Return the code and the text of each refusal of the one reader of a letter."""
    return list(error.recipients.values()) if isinstance(error, smtplib.SMTPRecipientsRefused) else []


def _is_no_such_address(code: int, text: bytes) -> bool:
    enhanced = _ENHANCED_CODE.search(text)
    return enhanced[1] == b"1" if enhanced else code in NO_SUCH_ADDRESS_CODES


def _is_of_one_letter(error: OSError) -> bool:
    """Say whether the server refused this letter; everything else that it refuses concerns all of them."""
    is_too_large = isinstance(error, smtplib.SMTPSenderRefused) and error.smtp_code == TOO_LARGE_CODE
    return is_too_large or isinstance(error, OF_ONE_LETTER)


def _is_final(error: OSError) -> bool:
    """Say whether the server refused this letter for good: 5xx (RFC 5321 §4.2.1); 4xx asks to try again."""
    codes = [code for code, _ in _recipients_refused(error)]
    if isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and _is_of_one_letter(error):
        codes.append(error.smtp_code)
    return bool(codes) and min(codes) >= PERMANENT


def _record(mail: OutgoingEmail, failure: DeliveryFailure, at: datetime, *, is_final: bool) -> None:
    """Record on the row of a letter why it has not left; one that is refused for good is not tried again."""
    mail.failure, mail.failed_at = failure, at
    if is_final:
        mail.attempts = MAX_TRIES
