"""Write letters in the transaction that causes them."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.models import CertifyingBodySettings, EmailAttachment, OutgoingEmail
from portfolio.domain.email.rules import DeliveryFailure, Recipient, plain_words
from portfolio.french_text import date_fr, datetime_fr, elide_de, hour_fr, weekday_fr

TEMPLATES = Path(__file__).parents[3] / "templates" / "emails"
# A letter is written before anyone knows from which address it will be sent.
ADDRESS = "{acquis}"
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class EmailTemplate(StrEnum):
    """The letters the product writes; each has a template of its name."""

    ACCESS_CHANGED = "access_changed"
    ACCOMMODATION = "accommodation"
    ADMISSIBILITY = "admissibility"
    APPEAL_ANSWERED = "appeal_answered"
    APPEAL_REGISTERED = "appeal_registered"
    ATTESTATION_ANSWERED = "attestation_answered"
    ATTESTATION_ASKED = "attestation_asked"
    ATTESTATION_CODE = "attestation_code"
    ATTESTATION_RECEIPT = "attestation_receipt"
    BULK_READING = "bulk_reading"
    COMPLAINT_ANSWERED = "complaint_answered"
    CREDENTIALS_ENDED = "credentials_ended"
    DECIDED_LATER = "decided_later"
    DIGEST = "digest"
    DOSSIER_RETURNED = "dossier_returned"
    DOSSIER_SEALED = "dossier_sealed"
    HEARING_CANCELLED = "hearing_cancelled"
    HEARING_MISSED = "hearing_missed"
    HEARING_REMINDER = "hearing_reminder"
    HEARING_RESUMES = "hearing_resumes"
    HEARING_SCHEDULED = "hearing_scheduled"
    INVITATION = "invitation"
    JUROR_CARD = "juror_card"
    NEWS = "news"
    NEW_VERSION = "new_version"
    NOTIFIED = "notified"
    OBSERVATIONS_INVITED = "observations_invited"
    OWN_BULK_READING = "own_bulk_reading"
    PROGRAMS_ENDED = "programs_ended"
    RESET = "reset"
    RETURN_LIFTED = "return_lifted"
    SEAT_WITHDRAWN = "seat_withdrawn"
    SESSION_CANCELLED = "session_cancelled"
    SILENCE = "silence"
    STANDING_IN = "standing_in"
    SUMMONS = "summons"
    SURVEY = "survey"
    ACCESS_EXPIRES = "access_expires"
    TO_DO = "to_do"
    SUMMONS_REMINDER = "summons_reminder"
    WEBHOOK_STOPPED = "webhook_stopped"
    WORDS = "words"
    RULED = "ruled"
    SECOND_FACTOR = "second_factor"
    SI_CPF_IDENTITY = "si_cpf_identity"
    NEW_DEVICE = "new_device"
    EMAIL_CHANGE = "email_change"
    EMAIL_CHANGED = "email_changed"
    CANDIDACY_CLOSURE = "candidacy_closure"
    FILE_SCANNED = "file_scanned"
    FREE_TEXT = "free_text"
    RETENTION_NOTICE = "retention_notice"
    ERASURE_ANSWER = "erasure_answer"


# What these say depends on whether their reader had an account already, which other bodies may have made.
OF_ACCOUNTS = frozenset({EmailTemplate.INVITATION, EmailTemplate.NEWS, EmailTemplate.RESET})
# What only their reader may see: a body neither reads nor hands over these.
PERSONAL = frozenset(
    {
        EmailTemplate.RESET,
        EmailTemplate.BULK_READING,
        EmailTemplate.OWN_BULK_READING,
        EmailTemplate.ACCESS_CHANGED,
        EmailTemplate.SECOND_FACTOR,
        EmailTemplate.NEW_DEVICE,
        EmailTemplate.CREDENTIALS_ENDED,
        EmailTemplate.PROGRAMS_ENDED,
        EmailTemplate.EMAIL_CHANGE,
        EmailTemplate.EMAIL_CHANGED,
        EmailTemplate.ACCESS_EXPIRES,
        EmailTemplate.WEBHOOK_STOPPED,
    }
)
SEARCH_LIMIT = 500


@cache
def _letters() -> Environment:
    # Only a page would be escaped: a letter is plain text.
    letters = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=select_autoescape(default_for_string=False),
        trim_blocks=True,
    )
    from portfolio.wording.credentials import credentials_message
    from portfolio.wording.jury import SEATS  # a letter names the seat as the screens do

    letters.filters.update(
        credentials=credentials_message,
        date_fr=date_fr,
        datetime_fr=datetime_fr,
        elide_de=elide_de,
        hour_fr=hour_fr,
        weekday_fr=weekday_fr,
        seat=SEATS.__getitem__,
    )
    return letters


@dataclass(frozen=True, slots=True)
class ExternalRecipient:
    """Someone without an account, and the body on whose behalf we write to them."""

    name: str
    email: str
    body_id: UUID


def queue_email(
    session: Session,
    person: Recipient,
    letter: EmailTemplate,
    *,
    at: datetime,
    body_id: UUID | None = None,
    **facts: Any,
) -> OutgoingEmail:
    """Write a letter to the name its facts say; its first line is the subject.

    It is sent after the transaction, or not at all. In the name of a body, its candidates are told whom to
    ask: `contact`, empty until the body has said it.
    """
    mail = OutgoingEmail(body_id=body_id, person_id=person.id, to_name=facts.get("name", ""), created_at=at)
    mail.search_words = plain_words(f"{mail.to_name or person.name} {person.email}")[:SEARCH_LIMIT]
    return _write(session, mail, letter, {"contact": _contact_of(session, body_id), **facts})


def _contact_of(session: Session, body_id: UUID | None) -> str:
    query = select(CertifyingBodySettings.contact).where(CertifyingBodySettings.body_id == body_id)
    return (session.scalar(query) or "") if body_id else ""


def find_reply_address(session: Session, body_id: UUID | None) -> str | None:
    """Return where an answer to a letter of a body goes: the first address of its contact, or None."""
    found = _ADDRESS.search(_contact_of(session, body_id))
    return found[0] if found else None


def add_attachment(mail: OutgoingEmail, name: str, text: str, media_type: str | None = None) -> None:
    """Add a small text file that goes with a letter; without a type, plain text."""
    mail.attachments.append(EmailAttachment(name=name, text=text, media_type=media_type))


def render_text(name: str, /, **facts: Any) -> tuple[str, str]:
    """Return the first line and the rest of a text that goes with a letter; its template stands beside those
    of letters.
    """
    first, _, rest = _letters().get_template(f"{name}.txt").render(site=ADDRESS, **facts).partition("\n")
    return first.strip(), rest.strip()


def queue_email_to_outsider(
    session: Session, to: ExternalRecipient, letter: EmailTemplate, *, at: datetime, **facts: Any
) -> OutgoingEmail:
    """Write to someone without an account what opens a page for them: its text is not kept once it has left."""
    mail = OutgoingEmail(body_id=to.body_id, to_name=to.name, to_email=to.email, is_sensitive=True, created_at=at)
    mail.search_words = plain_words(f"{to.name} {to.email}")[:SEARCH_LIMIT]
    return _write(session, mail, letter, facts)


def _write(session: Session, mail: OutgoingEmail, letter: EmailTemplate, facts: dict[str, Any]) -> OutgoingEmail:
    text = _letters().get_template(f"{letter}.txt").render(site=ADDRESS, **facts)
    subject, _, body = text.partition("\n")
    mail.kind, mail.subject, mail.text = letter.value, subject.strip(), body.strip() + "\n"
    session.add(mail)
    return mail


def queue_email_to_contact(
    session: Session, email: str, letter: EmailTemplate, *, at: datetime, **facts: Any
) -> OutgoingEmail:
    """Write to the person who runs the installation; no body sees or hands over this letter."""
    mail = OutgoingEmail(to_email=email, created_at=at, search_words=plain_words(email)[:SEARCH_LIMIT])
    return _write(session, mail, letter, {"name": "", **facts})


def mark_handed_over(session: Session, mail: OutgoingEmail, *, by: UUID, at: datetime) -> None:
    """Record that a person of the body gave a letter to its reader; a letter that has left, or is marked,
    stays as it is.
    """
    if mail.sent_at is None and mail.handed_over_at is None:
        mail.handed_over_at, mail.handed_over_by = at, by
        record_event(session, "letter_handed_over", ("mail", mail.id), by=by, at=at, kind=mail.kind or "")


def send_again_to(session: Session, person_id: UUID) -> None:
    """Queue again the letters that the former address of a person did not take."""
    session.execute(
        update(OutgoingEmail)
        .where(
            OutgoingEmail.person_id == person_id,
            OutgoingEmail.failure == DeliveryFailure.NO_SUCH_ADDRESS,
            OutgoingEmail.sent_at.is_(None),
            OutgoingEmail.handed_over_at.is_(None),
        )
        .values(attempts=0, next_attempt_at=None, failure=None, failed_at=None)
    )


def undo_handed_over(session: Session, mail: OutgoingEmail, *, by: UUID, at: datetime) -> None:
    """Record that a letter was marked as handed over by mistake: it waits again."""
    if mail.handed_over_at is not None:
        record_event(session, "letter_hand_over_undone", ("mail", mail.id), by=by, at=at, marked_at=mail.handed_over_at)
        mail.handed_over_at = mail.handed_over_by = None


def delete_emails_to(session: Session, email: str, *, written_before: datetime) -> None:
    """Erase the letters written until then to someone without an account."""
    session.execute(
        delete(OutgoingEmail).where(OutgoingEmail.to_email == email, OutgoingEmail.created_at <= written_before)
    )


def body_of(mail: OutgoingEmail, address: str) -> str:
    """Return the text of a letter, its links leading to this installation."""
    return with_base_url(mail.text, address)


def with_base_url(text: str, address: str) -> str:
    """A text whose links lead to this installation."""
    return text.replace(ADDRESS, address.rstrip("/"))
