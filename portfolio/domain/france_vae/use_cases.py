"""Read France VAE, open here the candidacies that it gives, and send it what was decided here, by a person's click."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import BindParameter, ColumnElement, Select, delete, exists, select
from sqlalchemy.orm import Session, joinedload, selectinload

from config import Config
from portfolio.calendar import day_of
from portfolio.db.engine import Database
from portfolio.domain.account.second_factor import decrypt, encrypt
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.candidacy.rules.deadlines import Regime
from portfolio.domain.candidacy.rules.opening import NewCandidacy, PersonInput, Scope
from portfolio.domain.candidacy_listing.models import CandidacyListing
from portfolio.domain.candidacy_listing.rules import outcome_from_text
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.france_vae.client import Client, Fault, KeyRefusedError, RefusedError
from portfolio.domain.france_vae.models import FranceVaeAccess, FranceVaeCandidacy, FranceVaePush
from portfolio.domain.france_vae.rules import (
    KEY_PAUSE,
    MAX_AHEAD,
    ON_VALIDATION,
    READ_EVERY,
    Act,
    Decision,
    FranceVaeRefusal,
    PushState,
    comment_of,
    hours_of,
    moment_of,
    proposed_of,
    result_of,
    retry_after,
)
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.jury.models.deliberation import RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing, JurySession, is_current_hearing
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.errors import Refusal

log = structlog.get_logger("acquis")
PURPOSE = "france vae"
_LEASE = timedelta(minutes=10)
# How long what was read of people who were not taken here is kept after France VAE last showed it.
PROPOSALS_KEPT = timedelta(days=365)
Clock = Callable[[], datetime]


def set_key(session: Session, body_id: UUID, key: str, *, by: UUID, installation: str, at: datetime) -> None:
    """Keep the key of a body, encrypted, in place of the former one; reading begins at once."""
    row = session.get(FranceVaeAccess, body_id) or FranceVaeAccess(body_id=body_id)
    row.secret, row.set_by, row.set_at = encrypt(key, installation, PURPOSE), by, at
    row.next_at, row.fault = at, ""
    session.add(row)
    record_event(session, "france_vae_key_set", ("certifying_body", body_id), by=by, at=at)


def remove_key(session: Session, body_id: UUID, *, by: UUID, at: datetime) -> None:
    """Forget the key of a body: nothing is read or sent any more."""
    session.execute(delete(FranceVaeAccess).where(FranceVaeAccess.body_id == body_id))
    record_event(session, "france_vae_key_removed", ("certifying_body", body_id), by=by, at=at)


def find_access(session: Session, body_id: UUID) -> FranceVaeAccess | None:
    """Return how a body reads France VAE; None without a key."""
    return session.get(FranceVaeAccess, body_id)


def reading_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a body is due to be read."""
    return exists().where(FranceVaeAccess.next_at <= at)


def claim_reading(database: Database, config: Config, clock: Clock) -> Callable[[], None] | None:
    """Lease the body that waited longest, and return how to read what France VAE has for it."""
    at = clock()
    with database.transaction() as session:
        query = select(FranceVaeAccess).where(FranceVaeAccess.next_at <= at).order_by(FranceVaeAccess.next_at).limit(1)
        row = session.scalar(query.with_for_update(skip_locked=True))
        if row is None:
            return None
        row.next_at = at + READ_EVERY
        return partial(_read, database, config, row.body_id, decrypt(row.secret, config.secret_key, PURPOSE), clock)


def _read(database: Database, config: Config, body_id: UUID, key: str | None, clock: Clock) -> None:
    """Read everything that waits there; each candidacy is kept as soon as it is read, so a cut loses none."""
    fault = ""
    try:
        if key is None:
            raise KeyRefusedError("encrypted under another key")
        client = Client(config.france_vae_url, key)
        for status in ("EN_ATTENTE", "COMPLET"):
            for told in client.pages("/dossiersDeFaisabilite", statut=status):
                _keep(database, client, body_id, told, "sent_at", clock())
        for told in client.pages("/dossiersDeValidation", statut="EN_ATTENTE"):
            _keep(database, client, body_id, told, "validation_sent_at", clock())
    except KeyRefusedError:
        fault = Fault.KEY
    except (OSError, RefusedError) as error:
        fault = Fault.AWAY
        log.warning("france_vae_not_read", kind=type(error).__name__)
    with database.transaction() as session:
        row = session.get(FranceVaeAccess, body_id, with_for_update=True)
        if row is not None:
            row.fault, row.read_at = fault, row.read_at if fault else clock()
            row.next_at = clock() + (KEY_PAUSE if fault == Fault.KEY else READ_EVERY)


def _keep(
    database: Database, client: Client, body_id: UUID, told: Mapping[str, Any], moment: str, at: datetime
) -> None:
    there = UUID(str(told["candidatureId"]))
    query = select(FranceVaeCandidacy).where(FranceVaeCandidacy.body_id == body_id, FranceVaeCandidacy.there == there)
    with database.reader() as session:
        is_known = session.scalar(query) is not None
    candidature = None if is_known else client.read(f"/candidatures/{there}")
    with database.transaction() as session:
        row = session.scalar(query)
        if row is None:
            if candidature is None:
                return
            found = proposed_of(candidature)
            row = FranceVaeCandidacy(
                body_id=body_id,
                there=there,
                code=found.code,
                name=found.name,
                email=found.email,
                postal_address=found.postal_address,
                is_partial=found.is_partial,
            )
            session.add(row)
        row.seen_at = at
        setattr(row, moment, moment_of(told.get("dateEnvoi")))


def list_links(session: Session, body_id: UUID) -> Sequence[FranceVaeCandidacy]:
    """Return the candidacies of a body at France VAE: those to take first, then the last sent."""
    query = (
        select(FranceVaeCandidacy)
        .where(FranceVaeCandidacy.body_id == body_id)
        .options(joinedload(FranceVaeCandidacy.candidacy), selectinload(FranceVaeCandidacy.pushes))
        .order_by(FranceVaeCandidacy.candidacy_id.is_not(None), FranceVaeCandidacy.sent_at.desc())
    )
    return session.scalars(query.limit(500)).all()


def find_link(session: Session, body_id: UUID, link_id: UUID) -> FranceVaeCandidacy | None:
    """Return one candidacy of a body at France VAE."""
    query = select(FranceVaeCandidacy).where(FranceVaeCandidacy.id == link_id, FranceVaeCandidacy.body_id == body_id)
    return session.scalar(query)


def find_version(session: Session, body_id: UUID, code: str) -> CertificationVersion | None:
    """Return the version on which a candidacy of this code is opened; a number there may be that of a successor."""
    query: Select[CertificationVersion] = (
        select(CertificationVersion)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body_id, Certification.code == code, CertificationVersion.is_offered)
        .options(selectinload(CertificationVersion.blocks))
    )
    return session.scalar(query.order_by(CertificationVersion.number.desc()).limit(1))


def take(
    session: Session,
    link: FranceVaeCandidacy,
    name: str,
    email: str,
    blocks: Sequence[int],
    admissible_on: date,
    expiry_override: str = "",
    *,
    by: UUID,
    at: datetime,
) -> UUID:
    """Open here the candidacy that France VAE gave, and send it that it is admissible; return its id.

    Raise Refusal when it was opened already, when no version of its certification is offered, when no block is named
    for a part of it, or as `open_candidacy` does.
    """
    session.refresh(link, with_for_update=True)
    version = find_version(session, link.body_id, link.code)
    if link.candidacy_id is not None:
        raise Refusal(FranceVaeRefusal.TAKEN)
    if version is None:
        raise Refusal(FranceVaeRefusal.NO_CERTIFICATION, number=link.code)
    if link.is_partial and not blocks:
        raise Refusal(FranceVaeRefusal.NO_BLOCKS)
    asked = NewCandidacy(
        version_id=version.id,
        candidate=PersonInput(email, name),
        route=Route.VAE,
        regime=Regime.FRANCE_VAE,
        scope=Scope.BLOCKS if blocks else Scope.WHOLE,
        block_ids=tuple(block.id for block in version.blocks if block.number in blocks),
        admissible_on=admissible_on,
        expiry_override=expiry_override,
        route_confirmed=True,
        postal_address=link.postal_address,
    )
    candidacy = open_candidacy(session, link.body_id, asked, by=by, at=at)
    # Who it is of is known by the candidacy from now on.
    link.candidacy_id, link.name, link.email, link.postal_address = candidacy.id, "", "", ""
    session.flush()
    order_push(session, link, Act.FEASIBILITY, by=by, at=at, decision=Decision.ADMISSIBLE)
    return candidacy.id


def order_push(
    session: Session,
    link: FranceVaeCandidacy,
    act: Act,
    *,
    by: UUID,
    at: datetime,
    decision: str = "",
    comment: str = "",
) -> None:
    """Queue what a person asks to send. Raise Refusal when it is not decided here, waits, or was taken there."""
    session.refresh(link, with_for_update=True)
    for former in link.pushes:
        is_same = former.act is act and former.is_on_validation is (decision in ON_VALIDATION)
        if is_same and former.state is PushState.QUEUED:
            raise Refusal(FranceVaeRefusal.QUEUED)
        if former.act is act is Act.RESULT and former.state in (PushState.CONFIRMED, PushState.DONE_THERE):
            raise Refusal(FranceVaeRefusal.SENT)
    if decision not in ("", Decision.ADMISSIBLE, Decision.VERIFIED) and not comment.strip():
        raise Refusal(FranceVaeRefusal.NO_COMMENT)
    push = FranceVaePush(
        act=act, decision=decision, comment=comment.strip(), next_at=at, asked_by=by, asked_at=at,
        state=PushState.QUEUED, tries=0,
    )  # fmt: skip
    wanted_of(session, push, link, "", today=day_of(at))
    link.pushes.append(push)
    session.flush()
    record_event(session, "france_vae_asked", ("france_vae_candidacy", link.id), by=by, at=at, act=act)


def close_push(session: Session, push: FranceVaePush, *, by: UUID, at: datetime) -> None:
    """Record that a person did it on the site of France VAE."""
    push.state, push.ended_at = PushState.DONE_THERE, at
    record_event(session, "france_vae_done_there", ("france_vae_candidacy", push.link_id), by=by, at=at, act=push.act)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sending, and how to know it again there."""

    act: Act
    method: str
    path: str
    fields: Mapping[str, str]
    as_form: bool
    # The hours by which France VAE may tell the one that was sent.
    hours: frozenset[str] = field(default_factory=frozenset)
    # A decision made there before this moment is of a former file.
    since: datetime | None = None

    def found_in(self, there: Any) -> bool:
        """Tell whether what is read there is what is sent."""
        if not there:
            return False
        if self.act is Act.RESULT:
            return bool(there.get("resultat") == self.fields["resultat"])
        if self.act is Act.SESSION:
            same_day = there.get("date") == self.fields["date"]
            same_place = there.get("adresseSession") == self.fields["adresseSession"]
            return same_day and same_place and (not self.hours or str(there.get("heure"))[:5] in self.hours)
        return any(self._is_same(each) for each in there)

    def _is_same(self, told: Mapping[str, Any]) -> bool:
        sent = moment_of(told.get("dateEnvoi"))
        is_of_this_file = self.since is None or sent is None or sent >= self.since
        is_plain = self.fields["decision"] in (Decision.ADMISSIBLE, Decision.VERIFIED)
        same_words = is_plain or (told.get("commentaire") or "") == self.fields.get("commentaire", "")
        return is_of_this_file and told.get("decision") == self.fields["decision"] and same_words


def wanted_of(session: Session, push: FranceVaePush, link: FranceVaeCandidacy, address: str, *, today: date) -> Wanted:
    """Return what a push sends, from the facts as they are now. Raise Refusal when there is nothing to send."""
    place = f"/candidatures/{link.there}"
    said = {"decision": push.decision} | ({"commentaire": push.comment} if push.comment else {})
    if push.act is Act.FEASIBILITY and not push.is_on_validation:
        path = f"{place}/dossierDeFaisabilite/decisions"
        return Wanted(push.act, "POST", path, said, as_form=True, since=link.sent_at)
    if link.candidacy_id is None:
        raise Refusal(FranceVaeRefusal.NOT_TAKEN)
    if push.is_on_validation:
        if link.validation_sent_at is None:
            raise Refusal(FranceVaeRefusal.NO_FILE)
        path = f"{place}/dossierDeValidation/decisions"
        return Wanted(push.act, "POST", path, said, as_form=False, since=link.validation_sent_at)
    if push.act is Act.SESSION:
        return _session_of(session, link.candidacy_id, place, today)
    fields = _result_of(session, link.candidacy_id, address)
    return Wanted(push.act, "PUT", f"{place}/informationJury/resultat", fields, as_form=False)


def _session_of(session: Session, candidacy_id: UUID, place: str, today: date) -> Wanted:
    query = (
        select(JurySession, Hearing.start_minute)
        .join(Hearing, Hearing.session_id == JurySession.id)
        .join(Submission, is_current_hearing())
        .where(Submission.candidacy_id == candidacy_id, JurySession.cancelled_at.is_(None))
        .order_by(JurySession.held_on.desc())
    )
    row = session.execute(query.limit(1)).first()
    if row is None:
        raise Refusal(FranceVaeRefusal.NO_SESSION)
    jury, minute = row
    if jury.held_on < today:
        raise Refusal(FranceVaeRefusal.SESSION_PAST)
    if jury.held_on > today + MAX_AHEAD:
        raise Refusal(FranceVaeRefusal.SESSION_FAR)
    hour, hours = hours_of(jury.held_on, jury.start_minute if minute is None else minute)
    told = {"date": jury.held_on.isoformat(), "heure": hour, "adresseSession": jury.place}
    told["informationsSession"] = "\n".join(part for part in (jury.to_bring, jury.video_link) if part)
    fields = {name: value for name, value in told.items() if value or name in ("date", "adresseSession")}
    return Wanted(Act.SESSION, "PUT", f"{place}/informationJury/session", fields, as_form=True, hours=hours)


def _result_of(session: Session, candidacy_id: UUID, address: str) -> dict[str, str]:
    listed = session.get_one(CandidacyListing, candidacy_id)
    found = outcome_from_text(listed.outcome)
    last = session.scalar(
        select(ResultNotification)
        .where(ResultNotification.candidacy_id == candidacy_id)
        .order_by(ResultNotification.number.desc())
        .limit(1)
    )
    if found is None:
        raise Refusal(FranceVaeRefusal.NOT_NOTIFIED)
    result = {"resultat": result_of(found[0])}
    if found[0].label in (Label.ABSENT, Label.EXCUSED):  # nothing was decided: no result is notified
        return result
    if last is None or listed.to_notify_since is not None:
        raise Refusal(FranceVaeRefusal.NOT_NOTIFIED)
    decided = session.execute(
        select(Block.number, RecordedDecision.outcome, Certification.code)
        .join(Block, Block.id == RecordedDecision.block_id)
        .join(CertificationVersion, CertificationVersion.id == Block.version_id)
        .join(CertificationVersion.certification)
        .where(RecordedDecision.minutes_id == last.minutes_id)
        .order_by(Block.number)
    ).all()
    got = [row.number for row in decided if row.outcome is Outcome.VALIDATED]
    rest = [row.number for row in decided if row.outcome is not Outcome.VALIDATED]
    code = decided[0].code if decided else ""
    return {**result, "commentaire": comment_of(code, got, rest, day_of(last.notified_at), address)}


def push_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that something waits to be sent."""
    return exists().where(FranceVaePush.state == PushState.QUEUED, FranceVaePush.next_at <= at)


def claim_push(database: Database, config: Config, clock: Clock) -> Callable[[], None] | None:
    """Lease what is to be sent, count the try before it is made, and return how to send it; None when nothing is."""
    at = clock()
    with database.transaction() as session:
        query = select(FranceVaePush).where(FranceVaePush.state == PushState.QUEUED, FranceVaePush.next_at <= at)
        push = session.scalar(query.order_by(FranceVaePush.next_at).limit(1).with_for_update(skip_locked=True))
        if push is None:
            return None
        push.next_at, push.tries = at + _LEASE, push.tries + 1
        return partial(_push, database, config, push.id, clock)


def _push(database: Database, config: Config, push_id: UUID, clock: Clock) -> None:
    with database.reader() as session:
        push = session.get_one(FranceVaePush, push_id)
        access, tries = session.get(FranceVaeAccess, push.link.body_id), push.tries
        key = decrypt(access.secret, config.secret_key, PURPOSE) if access else None
        try:
            wanted = wanted_of(session, push, push.link, config.address, today=day_of(clock()))
        except Refusal as refusal:  # what was decided here changed meanwhile
            wanted, changed = None, str(refusal.code)
    if wanted is None:
        _end(database, push_id, PushState.DIFFERS, changed, clock())
        return
    try:
        if key is None:
            raise KeyRefusedError("no key")
        state, sentence = _exchange(Client(config.france_vae_url, key), wanted)
    except RefusedError as refused:
        _end(database, push_id, PushState.REFUSED, refused.sentence, clock())
    except OSError as error:  # nobody knows whether it arrived: what is there is read before anything is sent again
        log.warning("france_vae_not_reached", kind=type(error).__name__, tries=tries)
        _wait(database, push_id, KEY_PAUSE if isinstance(error, KeyRefusedError) else retry_after(tries), clock())
    else:
        _end(database, push_id, state, sentence, clock())


def _exchange(client: Client, wanted: Wanted) -> tuple[PushState, str]:
    """Send unless it is there already, and read it there: the only way to know that it arrived, and arrived once."""
    there = client.read(wanted.path)
    if not wanted.found_in(there):
        if wanted.act is Act.RESULT and there and there.get("resultat"):
            return PushState.DIFFERS, str(there["resultat"])
        client.write(wanted.method, wanted.path, wanted.fields, as_form=wanted.as_form)
        there = client.read(wanted.path)
    if wanted.found_in(there):
        return PushState.CONFIRMED, ""
    return PushState.DIFFERS, " ".join(_shown(there))


def _shown(there: Any) -> Iterator[str]:
    for name in ("resultat", "date", "heure", "adresseSession"):
        if isinstance(there, Mapping) and there.get(name):
            yield str(there[name])


def _end(database: Database, push_id: UUID, state: PushState, sentence: str, at: datetime) -> None:
    with database.transaction() as session:
        push = session.get_one(FranceVaePush, push_id, with_for_update=True)
        if push.state is PushState.QUEUED:
            push.state, push.sentence, push.ended_at = state, sentence, at
            facts = {"act": push.act, "state": state}
            record_event(session, "france_vae_sent", ("france_vae_candidacy", push.link_id), by=None, at=at, **facts)


def _wait(database: Database, push_id: UUID, pause: timedelta, at: datetime) -> None:
    with database.transaction() as session:
        session.get_one(FranceVaePush, push_id, with_for_update=True).next_at = at + pause


def _asks_for_a_look() -> ColumnElement[bool]:
    failed = FranceVaeCandidacy.pushes.any(FranceVaePush.state.in_((PushState.REFUSED, PushState.DIFFERS)))
    return FranceVaeCandidacy.candidacy_id.is_(None) | failed


def any_waiting(body_id: BindParameter[UUID]) -> ColumnElement[bool]:
    """Return whether `list_waiting` may name something for a body that reads France VAE, as a column."""
    has_access = exists().where(FranceVaeAccess.body_id == body_id)
    return has_access & exists().where(FranceVaeCandidacy.body_id == body_id, _asks_for_a_look())


def list_waiting(session: Session, body_id: UUID) -> tuple[list[FranceVaeCandidacy], list[FranceVaePush]]:
    """Return the candidacies of a body to open here or to refuse, the oldest first, and the sendings to look at."""
    query = (
        select(FranceVaeCandidacy)
        .where(FranceVaeCandidacy.body_id == body_id, _asks_for_a_look())
        .options(selectinload(FranceVaeCandidacy.pushes))
        .order_by(FranceVaeCandidacy.sent_at)
    )
    links = session.scalars(query).all()
    return [link for link in links if link.waits], [push for link in links for push in link.unsettled]


def purge_proposals(session: Session, *, at: datetime) -> int:
    """Forget the people whom France VAE showed long ago and whom nobody took here."""
    old = select(FranceVaeCandidacy).where(
        FranceVaeCandidacy.candidacy_id.is_(None), FranceVaeCandidacy.seen_at < at - PROPOSALS_KEPT
    )
    gone = session.scalars(old.options(selectinload(FranceVaeCandidacy.pushes))).all()
    for row in gone:
        session.delete(row)
    return len(gone)
