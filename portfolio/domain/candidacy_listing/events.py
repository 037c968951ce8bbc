"""Events that programs are told of, noticed in every transaction from the audit log and the rows of certificates."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.db.engine import CLOCK, fetch_rows
from portfolio.domain.api_access.rules import EventType
from portfolio.domain.api_access.webhooks import is_anybody_told, queue_events
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.rules.stage import ClosureKind
from portfolio.domain.candidacy_listing.models import CandidacyListing, CertificateListing
from portfolio.domain.holdings.rules.status_changes import ENDED, GrantStatus
from portfolio.domain.jury.models.sessions import JurySession

# Under these names a session keeps what its writes tell, until it commits.
ACTS, CERTIFICATES = "event_acts", "event_certificates"
_IDS: Any = bindparam("ids", expanding=True)
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
