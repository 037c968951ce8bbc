"""Telling a candidate the result: composed from the minutes, completed by the certifier, signed when it is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.engine import insert_if_absent, new_id
from portfolio.domain.account.models import Person
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.deadlines import Deadline, DeadlineKind, deadlines_for
from portfolio.domain.candidacy.rules.opening import has_livret2, regime_for
from portfolio.domain.certifying_body.look import load_look_of_version
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, BodySettingsValue, DocumentRefusal, Look
from portfolio.domain.certifying_body.settings import load_body_page, lock_signatory
from portfolio.domain.email.use_cases import EmailTemplate as Mailing
from portfolio.domain.email.use_cases import queue_email
from portfolio.domain.holdings.models.events import NotificationReceipt, ResultNotification
from portfolio.domain.holdings.use_cases.notified_results import EarlierDecision, find_earlier_decision
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.ledger.recording import append
from portfolio.domain.notification.rules.letter import (
    Letter,
    MissingCompetencyText,
    completed,
    is_complete,
    letter_from_json,
    letter_to_json,
)
from portfolio.domain.notification.use_cases.letter_data import find_minutes, load_letter
from portfolio.errors import Refusal


@dataclass(frozen=True)
class NotificationDraft:
    """The letter as far as the minutes tell it, the delay that runs, and what the body lacks to send it."""

    letter: Letter
    clock: Deadline | None
    words: BodySettingsValue
    signatory: str
    hearing_id: UUID
    # The decision to notify before this one.
    earlier: EarlierDecision | None = None


@dataclass(frozen=True)
class SentNotification:
    """The letter as it left."""

    id: UUID
    candidacy_id: UUID
    number: int
    hearing_id: UUID
    letter: Letter
    notified_at: datetime
    # The look of the documents of the body on the day that it left.
    look: Look = PLAIN_LOOK


def prepare_notification(session: Session, candidacy_id: UUID, number: int, today: date) -> NotificationDraft | None:
    """Begin the letter that tells the result of a submission; None while no jury decided it."""
    minutes = find_minutes(session, candidacy_id, number)
    if minutes is None:
        return None
    candidacy = minutes.hearing.submission.candidacy
    page = load_body_page(session, candidacy.version.certification.body_id)
    signatory = dict(page.members).get(page.words.signatory_id, "")  # type: ignore[arg-type]
    clock = deadline_of(candidacy, minutes)
    letter, earlier = (load_letter(session, minutes, page.words, today), find_earlier_decision(session, minutes))
    return NotificationDraft(letter, clock, page.words, signatory, minutes.hearing_id, earlier)


def deadline_of(candidacy: Candidacy, minutes: Minutes) -> Deadline | None:
    """Return the delay to notify, under the regimes that have one (R6412-7)."""
    clocks = deadlines_for(
        regime_for(candidacy.route, candidacy.regime), candidacy.admissible_on, decided_on=minutes.decided_on
    )
    return next((clock for clock in clocks if clock.kind is DeadlineKind.NOTIFICATION), None)


def find_notification(session: Session, candidacy_id: UUID, number: int) -> SentNotification | None:
    """Find the letter that told the result of a submission, as it left."""
    query = (
        select(ResultNotification, Minutes.hearing_id)
        .join(ResultNotification.minutes)
        .where(ResultNotification.candidacy_id == candidacy_id, ResultNotification.number == number)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    found = row[0]
    candidacy = session.get_one(Candidacy, candidacy_id)
    look = load_look_of_version(session, candidacy.version_id, found.notified_at)
    letter = replace(letter_from_json(found.letter), recipient=candidacy.postal_address or "")
    return SentNotification(found.id, candidacy_id, number, row[1], letter, found.notified_at, look)


def list_receipts(session: Session, notification_id: UUID) -> Sequence[NotificationReceipt]:
    """List the proofs that a letter was received, the first day first: delays of remedies run from it."""
    query = select(NotificationReceipt).where(NotificationReceipt.notification_id == notification_id)
    return session.scalars(query.order_by(NotificationReceipt.received_on)).all()


def record_receipt(
    session: Session,
    candidacy_id: UUID,
    number: int,
    *,
    registered_number: str = "",
    received_on: date | None = None,
    by: UUID,
    at: datetime,
) -> None:
    """Keep a proof that the letter of a result was received: opened on line today by who reads it, or
    delivered under a registered number.

    The same proof twice is kept once. Raise Refusal for a day before the letter, or to come.
    """
    query = select(ResultNotification).where(
        ResultNotification.candidacy_id == candidacy_id, ResultNotification.number == number
    )
    sent, today = session.scalars(query).one(), day_of(at)
    day = received_on or today
    if not day_of(sent.notified_at) <= day <= today:
        raise Refusal(DocumentRefusal.NOT_RECEIVED_THEN, sent=day_of(sent.notified_at))
    keys = {"notification_id": sent.id, "registered_number": registered_number}
    known = ("notification_id", "registered_number")
    told = {"id": new_id(), "received_on": day, "recorded_at": at, "recorded_by": by}
    if insert_if_absent(session, NotificationReceipt, known, **keys, **told):
        facts = {"received_on": day, "registered_number": registered_number}
        record_event(session, "notification_received", ("candidacy", candidacy_id), by=by, at=at, **facts)


def notify(
    session: Session,
    candidacy_id: UUID,
    number: int,
    texts: Mapping[str, MissingCompetencyText],
    *,
    by: UUID,
    at: datetime,
) -> ResultNotification:
    """Send the result of a submission to the candidate and their advisor, signed by the person who sends it.

    The letter is frozen when it is sent; the e-mails carry no result, only its address (domain §7). Raises
    Refusal: no jury decided, already notified, an earlier decision not notified, no text on remedies, nobody
    designated to sign or somebody else, a competency left unexplained.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    minutes = find_minutes(session, candidacy_id, number)
    if minutes is None:
        raise Refusal(DocumentRefusal.NOT_DECIDED)
    if session.scalar(select(ResultNotification.id).where(ResultNotification.minutes_id == minutes.id)):
        raise Refusal(DocumentRefusal.ALREADY_NOTIFIED)
    if (earlier := find_earlier_decision(session, minutes)) is not None:
        raise Refusal(DocumentRefusal.EARLIER_FIRST, minutes=earlier.minutes, decided_on=earlier.decided_on)
    body_id = candidacy.version.certification.body_id
    if not load_body_page(session, body_id).words.may_notify:
        raise Refusal(DocumentRefusal.NO_REMEDIES)
    signing = lock_signatory(session, body_id, by)
    letter = completed(load_letter(session, minutes, signing.words, day_of(at)), texts)
    silent = [
        letter_competency.number for letter_competency in letter.lacking if not is_complete(letter_competency.said)
    ]
    if silent:
        raise Refusal(DocumentRefusal.INCOMPLETE, numbers=silent)
    signed = replace(letter, signatory=signing.name, quality=signing.words.signatory_quality, notified_at=at)
    sent = ResultNotification(
        minutes_id=minutes.id,
        candidacy_id=candidacy_id,
        number=number,
        letter=letter_to_json(signed),
        notified_at=at,
        notified_by=by,
    )
    session.add(sent)
    session.flush()
    record_event(session, "result_notified", ("candidacy", candidacy_id), by=by, at=at, minutes=minutes.number)
    _email_result(session, candidacy, sent, body_id)
    append(session, [sent], at=at)  # last: it takes the ledger's lock
    return sent


def _email_result(session: Session, candidacy: Candidacy, sent: ResultNotification, body_id: UUID) -> None:
    people: list[tuple[Person, str, str]] = [(candidacy.candidate, candidacy.candidate_name, "candidate")]
    if candidacy.advisor is not None:
        people.append((candidacy.advisor, candidacy.advisor_display_name or candidacy.advisor.name, "advisor"))
    body = candidacy.version.certification.body.name
    shared: dict[str, object] = {"body": body, "candidacy_id": candidacy.id, "number": sent.number}
    shared["by_vae"] = has_livret2(candidacy.route)
    for person, name, why in people:
        facts = shared | {"name": name, "why": why}
        queue_email(session, person, Mailing.NOTIFIED, at=sent.notified_at, body_id=body_id, **facts)
