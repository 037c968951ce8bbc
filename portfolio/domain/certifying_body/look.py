"""Choose the look of the documents of a body, and find the one that a document bears: that of its own day."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certifying_body.models import BodyLook
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Logo, Look

_KNOWN = "looks"


def find_look_row(session: Session, body_id: UUID, at: datetime | None = None) -> BodyLook | None:
    """Find the look of a body at a moment, or now; None before it chose one."""
    row: BodyLook | None = session.scalar(_in_force(select(BodyLook), body_id, at))
    return row


def load_look(session: Session, body_id: UUID, at: datetime | None = None) -> Look:
    """Return the look that a document of this moment bears; without a moment, that of a document made now."""
    query = _in_force(select(BodyLook.id), body_id, at)
    look_id = session.scalar(query)
    if look_id is None:
        return PLAIN_LOOK
    # Rows never change: the documents of one archive share the bytes of a logo.
    known: dict[UUID, Look] = session.info.setdefault(_KNOWN, {})
    if look_id not in known:
        known[look_id] = session.get_one(BodyLook, look_id).to_value()
    return known[look_id]


def _in_force(query: Select[Any], body_id: UUID, at: datetime | None) -> Select[Any]:
    query = query.where(BodyLook.body_id == body_id)
    if at is not None:
        query = query.where(BodyLook.chosen_at <= at)
    return query.order_by(BodyLook.revision.desc()).limit(1)


def load_look_of_version(session: Session, version_id: UUID, at: datetime | None = None) -> Look:
    """Return the look of the body that owns a version of a certification, at a moment."""
    query = (
        select(Certification.body_id)
        .join(CertificationVersion, CertificationVersion.certification_id == Certification.id)
        .where(CertificationVersion.id == version_id)
    )
    return load_look(session, session.scalars(query).one(), at)


def set_logo(session: Session, body_id: UUID, logo: Logo, *, by: UUID, at: datetime) -> None:
    """Give the documents to come a logo; the person attested that it shows no emblem of the State."""
    new = _next_row(session, body_id, by=by, at=at)
    new.logo, new.logo_mime, new.logo_width, new.logo_height = (
        logo.content,
        logo.mime,
        logo.width,
        logo.height,
    )
    session.add(new)
    record_event(
        session,
        "body_logo_set",
        ("certifying_body", body_id),
        by=by,
        at=at,
        width=logo.width,
        height=logo.height,
    )


def remove_logo(session: Session, body_id: UUID, *, by: UUID, at: datetime) -> None:
    """Remove the logo from the documents to come; those made with it keep it."""
    new = _next_row(session, body_id, by=by, at=at)
    if new.logo is None:
        return
    new.logo, new.logo_mime, new.logo_width, new.logo_height = None, "", 0, 0
    session.add(new)
    record_event(session, "body_logo_removed", ("certifying_body", body_id), by=by, at=at)


def set_accent(session: Session, body_id: UUID, accent: str, *, by: UUID, at: datetime) -> None:
    """Give the documents to come an accent colour, « #14564f », or the usual one when it is empty."""
    new = _next_row(session, body_id, by=by, at=at)
    if new.accent == accent:
        return
    new.accent = accent
    session.add(new)
    record_event(session, "body_accent_set", ("certifying_body", body_id), by=by, at=at, accent=accent)


def _next_row(session: Session, body_id: UUID, *, by: UUID, at: datetime) -> BodyLook:
    """Return the look that follows the present one, equal to it and not kept yet; two people change it one
    after the other.
    """
    session.get_one(CertifyingBody, body_id, with_for_update=True)
    last = find_look_row(session, body_id)
    new = BodyLook(body_id=body_id, revision=last.revision + 1 if last else 1, chosen_at=at, chosen_by=by)
    new.logo, new.logo_mime = (last.logo, last.logo_mime) if last else (None, "")
    new.logo_width, new.logo_height = (last.logo_width, last.logo_height) if last else (0, 0)
    new.accent = last.accent if last else ""
    return new
