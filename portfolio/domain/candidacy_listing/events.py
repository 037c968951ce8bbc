"""Events that programs are told of, noticed in every transaction from the audit log and the rows of certificates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, Uuid, bindparam, null, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from portfolio.db.engine import CLOCK, Base, fetch_rows, insert_if_absent
from portfolio.domain.api_access.rules import EventType
from portfolio.domain.api_access.webhooks import is_anybody_told, queue_events
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.rules.stage import ClosureKind
from portfolio.domain.candidacy_listing.models import (
    CandidacyListing,
    CertificateListing,
    ListedKind,
    ListingChange,
    ListingSequence,
)
from portfolio.domain.holdings.rules.status_changes import ENDED, GrantStatus
from portfolio.domain.jury.models.sessions import JurySession

# Changes that one read numbers: others wait for the next read.
_AT_ONCE = 2_000
_TABLE = Base.metadata.tables[ListingChange.__tablename__]
_NUMBER = update(_TABLE).where(_TABLE.c.object_id == bindparam("key")).values(seq=bindparam("number"))


def note_changes(session: Session, kind: ListedKind, bodies: Mapping[UUID, UUID]) -> None:
    """Take the number of these objects away, each with its body: they changed in this transaction."""
    rows = [{"object_id": key, "kind": kind, "body_id": bodies[key], "seq": None} for key in sorted(bodies, key=str)]
    if rows:
        session.connection().execute(_unnumbered(session.get_bind().dialect.name), rows)


@cache
def _unnumbered(store: str) -> Executable:
    builders: dict[str, Any] = {"sqlite": insert_sqlite, "postgresql": insert_postgresql}
    statement = builders[store](_TABLE)
    upsert: Executable = statement.on_conflict_do_update(index_elements=["object_id"], set_={"seq": null()})
    return upsert


def waiting_changes(session: Session, body_id: UUID) -> bool:
    """Tell whether changes of a body wait for a number."""
    return session.scalar(_unnumbered_of(body_id).limit(1)) is not None


def _unnumbered_of(body_id: UUID) -> Any:
    return select(ListingChange.object_id).where(ListingChange.body_id == body_id, ListingChange.seq.is_(None))


def number_changes(session: Session, body_id: UUID) -> None:
    """Give the changes of a body that were committed the numbers that follow the last one given.

    One transaction at a time numbers for a body; what another one is changing at this moment waits.
    """
    insert_if_absent(session, ListingSequence, ("body_id",), body_id=body_id, last=0)
    sequence = session.get_one(ListingSequence, body_id, with_for_update=True)
    waiting: Sequence[UUID] = session.scalars(
        _unnumbered_of(body_id).order_by(ListingChange.object_id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    ).all()
    if waiting:
        numbered = [{"key": key, "number": sequence.last + rank} for rank, key in enumerate(waiting, 1)]
        session.connection().execute(_NUMBER, numbered)
        sequence.last += len(waiting)


# Under these names a session keeps what its writes tell, until it commits.
ACTS, CERTIFICATES = "event_acts", "event_certificates"
_IDS: Any = bindparam("ids", type_=Uuid(), expanding=True)
_CANDIDACY, _SESSION, _CERTIFICATE = "candidacies", "sessions", "certificates"
OF_ACTS = {
    "candidacy_opened": (EventType.CANDIDACY_OPENED, _CANDIDACY),
    "dossier_submitted": (EventType.CANDIDACY_SUBMITTED, _CANDIDACY),
    "dossier_presented_again": (EventType.CANDIDACY_SUBMITTED, _CANDIDACY),
    "dossier_returned": (EventType.CANDIDACY_RETURNED, _CANDIDACY),
    "candidacy_closure": (EventType.CANDIDACY_CLOSED, _CANDIDACY),
    "result_notified": (EventType.RESULT_NOTIFIED, _CANDIDACY),
    "session_planned": (EventType.SESSION_PLANNED, _SESSION),
    "session_scheduled": (EventType.SESSION_MOVED, _SESSION),
    "session_site_chosen": (EventType.SESSION_MOVED, _SESSION),
    "session_cancelled": (EventType.SESSION_CANCELLED, _SESSION),
}
# The body of each object, and the last part of its address in the API.
_OBJECTS = {
    _CANDIDACY: select(CandidacyListing.candidacy_id, CandidacyListing.body_id, CandidacyListing.candidacy_id).where(
        CandidacyListing.candidacy_id.in_(_IDS)
    ),
    _SESSION: select(JurySession.id, JurySession.body_id, JurySession.id).where(JurySession.id.in_(_IDS)),
    _CERTIFICATE: select(
        CertificateListing.certificate_id, CertificateListing.body_id, CertificateListing.number
    ).where(CertificateListing.certificate_id.in_(_IDS)),
}


def note_statuses(session: Session, before: Mapping[UUID, GrantStatus], now: Mapping[UUID, GrantStatus]) -> None:
    """Remember the certificates that are worth nothing from now on."""
    for key, status in now.items():
        if status in ENDED and before.get(key, status) not in ENDED:
            session.info.setdefault(CERTIFICATES, {})[key] = EventType.CERTIFICATE_WITHDRAWN


def queue_written(session: Session) -> None:
    """Queue what the transaction did, for the addresses that are told of it."""
    # What a savepoint took back is in the session no more.
    acts = [row for row in session.info.pop(ACTS, ()) if row in session]
    certificates: Mapping[UUID, EventType] = session.info.pop(CERTIFICATES, {})
    told = [_told(row) for row in acts] + [(kind, _CERTIFICATE, key) for key, kind in certificates.items()]
    if told and is_anybody_told(session):
        places = {(place, key): found for place, key, *found in _places(session, told)}
        events = [
            (places[place, key][0], kind, f"{place}/{places[place, key][1]}")
            for kind, place, key in dict.fromkeys(told)
            if (place, key) in places
        ]
        queue_events(session, events, at=session.info[CLOCK]())


def _told(row: AuditEvent) -> tuple[EventType, str, UUID | None]:
    kind, place = OF_ACTS[row.action]
    if row.details.get("kind") == ClosureKind.REOPENED:
        kind = EventType.CANDIDACY_REOPENED
    of_submission = place == _CANDIDACY and row.object_kind != "candidacy"
    return kind, place, UUID(str(row.details["candidacy"])) if of_submission else row.object_id


def _places(session: Session, told: Iterable[tuple[EventType, str, UUID | None]]) -> Iterable[tuple[Any, ...]]:
    by_place: dict[str, set[UUID]] = {}
    for _kind, place, key in told:
        if key is not None:
            by_place.setdefault(place, set()).add(key)
    for place, keys in by_place.items():
        for key, body_id, name in fetch_rows(session, _OBJECTS[place], {"ids": sorted(keys, key=str)}):
            yield place, key, body_id, name
