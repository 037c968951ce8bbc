"""Send what is waiting: a lease on the row, the mail server, then the row says it left."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from config import Config, Smtp
from portfolio.db import Database
from portfolio.mail.models import Mail
from portfolio.mail.services import text_from

log = structlog.get_logger("acquis")
LEASE = timedelta(minutes=2)
BATCH = 200
PATIENCE = 12
# A link in a header must stay in one piece: folded, it would be encoded, and no mail program could follow it.
WHOLE_LINES = default.clone(max_line_length=998)


def deliver(database: Database, config: Config, at: datetime) -> int:
    """Send the letters that are due and return how many left. Nothing happens without a mail server.

    Each is taken under a lease just before it leaves, so that two senders do not send it twice, and a sender that dies
    holds back no other one. A letter that the server did not take is tried again, later and later; a server that does
    not answer is left alone until the next round. A sender that dies after the server took a letter and before its row
    says so sends that one again: it has the same Message-ID, by which mail programs know it.
    """
    smtp, sent = config.smtp, 0
    if smtp is None:
        return 0
    for _ in range(BATCH):
        with database.transaction() as session:
            mail = _take_next(session, at)
            due = (mail.id, _message(mail, config, at)) if mail else None
        if due is None:
            break
        try:
            sent += _send_one(database, smtp, *due, at)
        except OSError as error:  # nobody is there: the others do not wait for it, each twenty seconds
            log.warning("mail_not_taken", mail=str(due[0]), kind=type(error).__name__)
            break
    return sent


def _take_next(session: Session, at: datetime) -> Mail | None:
    waiting = (Mail.next_try_at.is_(None)) | (Mail.next_try_at <= at)
    query = select(Mail).where(Mail.sent_at.is_(None), Mail.tries < PATIENCE, waiting).order_by(Mail.written_at, Mail.id)
    mail = session.scalar(query.limit(1).options(joinedload(Mail.person)).with_for_update(skip_locked=True, of=Mail))
    if mail is not None:
        mail.tries += 1
        mail.next_try_at = at + LEASE * 2**mail.tries
    return mail


def _message(mail: Mail, config: Config, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=WHOLE_LINES)
    message["From"] = config.mail_from
    message["To"] = mail.email
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{mail.id}@acquis.invalid>"
    if mail.unsubscribe:  # one click in the reader's own mail program (RFC 8058)
        message["List-Unsubscribe"] = f"<{config.address.rstrip('/')}{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_from(mail, config.address))
    return message


def _send_one(database: Database, smtp: Smtp, mail_id: UUID, message: EmailMessage, at: datetime) -> bool:
    """Hand one letter to the server and answer whether it took it; raises OSError when it takes none."""
    try:
        with smtplib.SMTP(smtp.host, smtp.port, timeout=20) as server:
            if smtp.starttls:
                server.starttls()
            if smtp.user:
                server.login(smtp.user, smtp.password)
            server.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:  # this letter; any other one says it of the server
        log.warning("mail_not_taken", mail=str(mail_id), kind=type(error).__name__)
        return False
    with database.transaction() as session:
        mail = session.get_one(Mail, mail_id)
        mail.sent_at = at
        if mail.secret:
            mail.text = ""
    log.info("mail_sent", mail=str(mail_id))
    return True
