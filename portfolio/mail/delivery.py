"""Send what is waiting: a lease on the row, the mail server, then the row says it left."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, make_msgid
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
BATCH = 20
PATIENCE = 12
# A link in a header must stay in one piece: folded, it would be encoded, and no mail program could follow it.
WHOLE_LINES = default.clone(max_line_length=998)


def deliver(database: Database, config: Config, at: datetime) -> int:
    """Send the letters that are due and return how many left. Nothing happens without a mail server.

    A letter that the server did not take is tried again, later and later; the lease taken before
    sending keeps two senders from sending it twice.
    """
    if config.smtp is None:
        return 0
    with database.transaction() as session:
        due = [(mail.id, _message(mail, config, at)) for mail in _take_due(session, at)]
    return sum(_send_one(database, config.smtp, mail_id, message, at) for mail_id, message in due)


def _take_due(session: Session, at: datetime) -> list[Mail]:
    waiting = (Mail.next_try_at.is_(None)) | (Mail.next_try_at <= at)
    query = select(Mail).where(Mail.sent_at.is_(None), Mail.tries < PATIENCE, waiting).order_by(Mail.written_at)
    due = session.scalars(query.limit(BATCH).options(joinedload(Mail.person)).with_for_update(skip_locked=True, of=Mail)).all()
    for mail in due:
        mail.tries += 1
        mail.next_try_at = at + LEASE * 2**mail.tries
    return list(due)


def _message(mail: Mail, config: Config, at: datetime) -> EmailMessage:
    message = EmailMessage(policy=WHOLE_LINES)
    message["From"] = config.mail_from
    message["To"] = mail.email
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(idstring=str(mail.id), domain="acquis.invalid")
    if mail.unsubscribe:  # one click in the reader's own mail program (RFC 8058)
        message["List-Unsubscribe"] = f"<{config.address.rstrip('/')}{mail.unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(text_from(mail, config.address))
    return message


def _send_one(database: Database, smtp: Smtp, mail_id: UUID, message: EmailMessage, at: datetime) -> bool:
    try:
        with smtplib.SMTP(smtp.host, smtp.port, timeout=20) as server:
            if smtp.starttls:
                server.starttls()
            if smtp.user:
                server.login(smtp.user, smtp.password)
            server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail_not_taken", mail=str(mail_id), kind=type(error).__name__)
        return False
    with database.transaction() as session:
        mail = session.get_one(Mail, mail_id)
        mail.sent_at = at
        if mail.secret:
            mail.text = ""
    log.info("mail_sent", mail=str(mail_id))
    return True
