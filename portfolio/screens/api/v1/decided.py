"""Sessions, notified results, certificates. No opinion, reason or narrative is given by here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, url_for
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.access.api import ApiCaller
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.db.paging import Order, Position, decode_cursor, load_page
from portfolio.domain.api_access.rules import ApiScope
from portfolio.domain.api_access.use_cases import load_references
from portfolio.domain.candidacy.models import Submission
from portfolio.domain.candidacy_listing.models import CandidacyListing, CertificateListing, ListedKind, ListingChange
from portfolio.domain.candidacy_listing.rules import outcome_from_text
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.events import ResultNotification
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.holdings.rules.completion import Label
from portfolio.domain.jury.models.deliberation import Minutes, RecordedDecision
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession, is_current_hearing
from portfolio.domain.notification.use_cases import document_data
from portfolio.screens.api.v1.candidacies import last_number, number_waiting, read_changes
from portfolio.screens.api.v1.operations import PDF, RefusedCallError, operation
from portfolio.screens.api.v1.values import (
    BlockRef,
    CertificatePage,
    CertificateValue,
    CertificationRef,
    Changes,
    DecidedBlock,
    Pages,
    ResultChanges,
    ResultPage,
    ResultValue,
    SessionPage,
    SessionValue,
)
from portfolio.web.urls import base_url
from portfolio.wording import api as words
from portfolio.wording import documents

_SESSIONS = Order((JurySession.held_on, JurySession.id), descending=True)


@operation(
    "GET",
    "/sessions",
    ApiScope.SESSIONS_READ,
    "Les sessions de jury, la plus tardive d’abord",
    permission=Permission.MANAGE_SESSION,
    query=Pages,
    answer=SessionPage,
)
def list_sessions(caller: ApiCaller, query: Pages) -> SessionPage:
    """Return one page of the sessions of the body."""
    values = decode_cursor(query.cursor, _SESSIONS) if query.cursor else None
    if query.cursor and values is None:
        raise RefusedCallError(422, words.BAD_CURSOR)
    page = load_page(read_session(), _sessions(caller.body.id), _SESSIONS, Position(values=values), query.limit)
    return SessionPage(_session_values(read_session(), page.rows), page.next)


@operation(
    "GET",
    "/sessions/<uuid:session_id>",
    ApiScope.SESSIONS_READ,
    "Une session de jury",
    permission=Permission.MANAGE_SESSION,
    answer=SessionValue,
)
def read_jury_session(caller: ApiCaller, session_id: UUID) -> SessionValue:
    """Return one session of the body."""
    rows = read_session().execute(_sessions(caller.body.id).where(JurySession.id == session_id)).all()
    return _session_values(read_session(), rows)[0] if rows else abort(404)


def _sessions(body_id: UUID) -> Select[Any]:
    members = (
        select(func.count()).select_from(JuryMember).where(JuryMember.session_id == JurySession.id).scalar_subquery()
    )
    version = aliased(CertificationVersion)
    return (
        select(JurySession, Certification.code, version.number, version.title, members)
        .join(version, version.id == JurySession.version_id)
        .join(version.certification)
        .where(JurySession.body_id == body_id)
    )


def _session_values(session: Session, rows: Sequence[Any]) -> list[SessionValue]:
    heard: dict[UUID, list[UUID]] = {}
    query = (
        select(Hearing.session_id, Submission.candidacy_id)
        .join(Hearing.submission)
        .where(Hearing.session_id.in_([row[0].id for row in rows]), is_current_hearing())
        .order_by(Submission.candidacy_id)
    )
    for session_id, candidacy_id in session.execute(query):
        heard.setdefault(session_id, []).append(candidacy_id)
    return [
        SessionValue(
            id=day.id,
            certification=CertificationRef(code, version, title),
            route=day.route,
            held_on=day.held_on,
            place=day.place,
            start=_hour(day.start_minute),
            end=_hour(day.end_minute),
            is_cancelled=day.cancelled_at is not None,
            members=members,
            candidacies=heard.get(day.id, []),
        )
        for day, code, version, title, members in rows
    ]


def _hour(minute: int | None) -> str | None:
    return None if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


@operation(
    "GET",
    "/results",
    ApiScope.RESULTS_READ,
    "Les résultats notifiés, dans l’ordre des changements de leurs candidatures",
    permission=Permission.MANAGE_CANDIDACY,
    query=ResultChanges,
    answer=ResultPage,
)
def list_results(caller: ApiCaller, query: ResultChanges) -> ResultPage:
    """Return what the last notified jury of each candidacy decided; what waits for its letter is no result."""
    later = aliased(ResultNotification)
    last = select(func.max(later.number)).where(later.candidacy_id == ResultNotification.candidacy_id).scalar_subquery()
    notified = (
        select(
            ResultNotification, Minutes, CandidacyListing.outcome, CandidacyListing.to_notify_since, ListingChange.seq
        )
        .join(ResultNotification.minutes)
        .join(CandidacyListing, CandidacyListing.candidacy_id == ResultNotification.candidacy_id)
        .join(ListingChange, ListingChange.object_id == ResultNotification.candidacy_id)
        .where(
            ListingChange.body_id == caller.body.id,
            ListingChange.kind == ListedKind.CANDIDACY,
            ResultNotification.number == last,
            *([ResultNotification.candidacy_id == query.candidacy] if query.candidacy else []),
        )
    )
    shown, has_more = read_changes(caller, query, notified)
    session = read_session()
    references = load_references(session, caller.token.namespace, [row[0].candidacy_id for row in shown])
    blocks = _decided(session, [row[1].id for row in shown])
    found = [
        ResultValue(
            candidacy_id=told.candidacy_id,
            changed_seq=seq or 0,
            external_reference=references.get(told.candidacy_id),
            # What a later jury decided is told with its own letter.
            result=None if waits else _label(outcome),
            decided_on=minutes.decided_on,
            notified_at=told.notified_at,
            minutes=minutes.number,
            blocks=blocks.get(minutes.id, []),
        )
        for told, minutes, outcome, waits, seq in shown
    ]
    return ResultPage(found, last_number(shown, query), has_more)


def _label(outcome: str) -> Label | None:
    result = outcome_from_text(outcome)
    return result[0].label if result else None


def _decided(session: Session, minutes: Sequence[UUID]) -> Mapping[UUID, list[DecidedBlock]]:
    query = (
        select(
            RecordedDecision.minutes_id,
            *(Block.number, Block.title, RecordedDecision.outcome),
            *(CertificateListing.status, CertificateListing.number.label("certificate")),
        )
        .join(Block, Block.id == RecordedDecision.block_id)
        .outerjoin(Grant, and_(Grant.minutes_id == RecordedDecision.minutes_id, Grant.block_id == Block.id))
        .outerjoin(Certificate, Certificate.grant_id == Grant.id)
        .outerjoin(CertificateListing, CertificateListing.certificate_id == Certificate.id)
        .where(RecordedDecision.minutes_id.in_(minutes))
        .order_by(Block.number, Certificate.issued_at)
    )
    found: dict[UUID, dict[int, DecidedBlock]] = {}
    for row in session.execute(query):  # of a certificate that was rectified, the last one stays
        block = DecidedBlock(row.number, row.title, row.outcome, row.status, row.certificate)
        found.setdefault(row.minutes_id, {})[row.number] = block
    return {key: list(blocks.values()) for key, blocks in found.items()}


@operation(
    "GET",
    "/certificates",
    ApiScope.CERTIFICATES_READ,
    "Les certificats, dans l’ordre de leurs changements",
    query=Changes,
    answer=CertificatePage,
)
def list_certificates(caller: ApiCaller, query: Changes) -> CertificatePage:
    """Return the certificates that changed after a number, each as it is now."""
    rows, has_more = read_changes(caller, query, _certificates(caller.body.id))
    return CertificatePage([_certificate_value(row) for row in rows], last_number(rows, query), has_more)


@operation(
    "GET",
    "/certificates/<number>",
    ApiScope.CERTIFICATES_READ,
    "Un certificat : ce qu’il vaut aujourd’hui",
    answer=CertificateValue,
)
def read_certificate(caller: ApiCaller, number: str) -> CertificateValue:
    """Return one certificate of the body."""
    number_waiting(caller.body.id)
    row = read_session().execute(_certificates(caller.body.id).where(CertificateListing.number == number)).first()
    return _certificate_value(row) if row is not None else abort(404)


@operation(
    "GET",
    "/certificates/<number>/certificate.pdf",
    ApiScope.CERTIFICATES_READ,
    "Le certificat en PDF ; un projet, dit comme tel, tant que personne ne l’a signé",
    answer=None,
)
def download_certificate(caller: ApiCaller, number: str) -> Response:
    """Return a certificate as it is printed."""
    owned = select(CertificateListing.number).where(
        CertificateListing.number == number, CertificateListing.body_id == caller.body.id
    )
    data = document_data.find_certificate_data(read_session(), number) if read_session().scalar(owned) else None
    if data is None:
        abort(404)
    pdf = documents.given_certificate(read_session(), current_app.extensions["files"], data, _public_url(number))
    return Response(pdf, mimetype=PDF)


def _public_url(number: str) -> str:
    return base_url() + url_for("public.certificate.public", number=number)


def _certificates(body_id: UUID) -> Select[*tuple[Any, ...]]:
    block = aliased(Block)
    return (
        select(
            CertificateListing,
            ListingChange.seq,
            Certificate.printed_text,
            *(Certification.code, CertificationVersion.number.label("version"), CertificationVersion.title),
            *(block.number.label("block"), block.title.label("block_title")),
        )
        .join(ListingChange, ListingChange.object_id == CertificateListing.certificate_id)
        .join(Certificate, Certificate.id == CertificateListing.certificate_id)
        .join(CertificationVersion, CertificationVersion.id == CertificateListing.version_id)
        .join(CertificationVersion.certification)
        .outerjoin(Certificate.grant)
        .outerjoin(block, block.id == Grant.block_id)
        .where(ListingChange.body_id == body_id, ListingChange.kind == ListedKind.CERTIFICATE)
    )


def _certificate_value(row: Any) -> CertificateValue:
    listed = row.CertificateListing
    return CertificateValue(
        number=listed.number,
        changed_seq=row.seq or 0,
        is_whole=listed.is_whole,
        status=listed.status,
        obtained_on=listed.obtained_on,
        holder=row.printed_text.get("holder", ""),
        certification=CertificationRef(row.code, row.version, row.title),
        block=BlockRef(row.block, row.block_title) if row.block else None,
        url=_public_url(listed.number),
        pdf=base_url() + url_for("api.v1.download_certificate", number=listed.number),
    )
