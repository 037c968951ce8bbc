"""Telling a candidate the result: composed from the minutes, completed by the certifier, signed as it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.candidacy.models import Candidacy
from portfolio.candidacy.rules import Clock, ClockKind, clocks_for, has_livret2, regime_for
from portfolio.certificate.rules.ledger import Head
from portfolio.certificate.services.ledger import append, head_covering
from portfolio.journal.services import note
from portfolio.jury.minutes import Minutes
from portfolio.jury.rules import day_of
from portfolio.mail.services import Letter as Mailing
from portfolio.mail.services import attach, write
from portfolio.paper.models import Notification
from portfolio.paper.rules import (
    BodyWords,
    Letter,
    PaperRefusal,
    Said,
    completed,
    is_complete,
    letter_from_json,
    letter_to_json,
)
from portfolio.paper.services.gathering import find_minutes, letter_of
from portfolio.paper.services.settings import body_page, hold_signatory
from portfolio.refusal import Refusal

HEAD_FILE = "tete-du-registre.txt"


@dataclass(frozen=True)
class Composing:
    """The letter as far as the minutes tell it, the delay that runs, and what the body lacks to send it."""

    letter: Letter
    clock: Clock | None
    words: BodyWords
    signatory: str
    hearing_id: UUID


@dataclass(frozen=True)
class Notified:
    """The letter as it left."""

    id: UUID
    candidacy_id: UUID
    number: int
    hearing_id: UUID
    letter: Letter
    notified_at: datetime


def compose(session: Session, candidacy_id: UUID, number: int, today: date) -> Composing | None:
    """Begin the letter that tells the result of a submission; None while no jury decided it."""
    minutes = find_minutes(session, candidacy_id, number)
    if minutes is None:
        return None
    candidacy = minutes.hearing.submission.candidacy
    page = body_page(session, candidacy.version.certification.body_id)
    signatory = dict(page.members).get(page.words.signatory_id, "")  # type: ignore[arg-type]
    clock = clock_of(candidacy, minutes)
    return Composing(letter_of(session, minutes, page.words, today), clock, page.words, signatory, minutes.hearing_id)


def clock_of(candidacy: Candidacy, minutes: Minutes) -> Clock | None:
    """The delay to notify, under the regimes that have one (R6412-7)."""
    clocks = clocks_for(regime_for(candidacy.route, candidacy.regime), candidacy.admissible_on, decided_on=minutes.decided_on)
    return next((one for one in clocks if one.kind is ClockKind.NOTIFICATION), None)


def find_notification(session: Session, candidacy_id: UUID, number: int) -> Notified | None:
    """Find the letter that told the result of a submission, as it left."""
    query = (
        select(Notification, Minutes.hearing_id)
        .join(Minutes, Minutes.id == Notification.minutes_id)
        .where(Notification.candidacy_id == candidacy_id, Notification.number == number)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    found = row[0]
    return Notified(found.id, candidacy_id, number, row[1], letter_from_json(found.letter), found.notified_at)


def notify(
    session: Session, candidacy_id: UUID, number: int, said: Mapping[str, Said], *, by: UUID, at: datetime
) -> Notification:
    """Send the result of a submission to the candidate and their advisor, signed by whoever sends it.

    The letter is frozen as it leaves; the e-mails carry no result, only its address (domain §7). Raises Refusal: no jury
    decided, already notified, no text on remedies, nobody designated to sign or somebody else, a competency left unexplained.
    """
    candidacy = session.get_one(Candidacy, candidacy_id, with_for_update=True)
    minutes = find_minutes(session, candidacy_id, number)
    if minutes is None:
        raise Refusal(PaperRefusal.NOT_DECIDED)
    if session.scalar(select(Notification.id).where(Notification.minutes_id == minutes.id)):
        raise Refusal(PaperRefusal.ALREADY_NOTIFIED)
    body_id = candidacy.version.certification.body_id
    if not body_page(session, body_id).words.may_notify:
        raise Refusal(PaperRefusal.NO_REMEDIES)
    signing = hold_signatory(session, body_id, by)
    letter = completed(letter_of(session, minutes, signing.words, day_of(at)), said)
    silent = [one.number for one in letter.lacking if not is_complete(one.said)]
    if silent:
        raise Refusal(PaperRefusal.INCOMPLETE, numbers=silent)
    signed = replace(letter, signatory=signing.name, quality=signing.words.signatory_quality, notified_at=at)
    sent = Notification(
        minutes_id=minutes.id,
        candidacy_id=candidacy_id,
        number=number,
        letter=letter_to_json(signed),
        notified_at=at,
        notified_by=by,
    )
    session.add(sent)
    session.flush()
    note(session, "result_notified", ("candidacy", candidacy_id), by=by, at=at, minutes=minutes.number)
    append(session, [sent], at=at)  # last but for the e-mails, to which the head it signed is attached
    _tell(session, candidacy, sent, body_id, head_covering(session, "notification", sent.id))
    return sent


def _tell(session: Session, candidacy: Candidacy, sent: Notification, body_id: UUID, head: Head | None) -> None:
    people: list[tuple[Person, str, str]] = [(candidacy.candidate, candidacy.candidate_name, "candidate")]
    if candidacy.advisor is not None:
        people.append((candidacy.advisor, candidacy.advisor_named or candidacy.advisor.name, "advisor"))
    body = candidacy.version.certification.body.name
    shared: dict[str, object] = {"body": body, "candidacy_id": candidacy.id, "number": sent.number, "head": head}
    shared["by_vae"] = has_livret2(candidacy.route)
    for person, name, why in people:
        facts = shared | {"name": name, "why": why}
        mail = write(session, person, Mailing.NOTIFIED, at=sent.notified_at, body_id=body_id, **facts)
        if head is not None:  # one compact signature a line: the form that `flask check-ledger --head` reads
            attach(mail, HEAD_FILE, f"{head.token}\n")
