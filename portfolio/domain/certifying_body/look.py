"""Choose the look of the documents of a body, and find the one that a document bears: that of its own day.

Whether a colour can be read on white, and the nearest darker one that can: contrast as WCAG 2.2 computes it.
"""

import colorsys
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ScalarSelect, Select, select
from sqlalchemy.orm import Session

from portfolio.db.engine import read_once
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


@read_once
def load_look(session: Session, body_id: UUID, at: datetime | None = None) -> Look:
    """Return the look that a document of this moment bears; without a moment, that of a document made now."""
    return _look(session, body_id, at)


@read_once
def load_looks(session: Session, body_ids: frozenset[UUID]) -> Callable[[UUID, datetime], Look]:
    """Read what some bodies chose, in one query, and return which look a document of a body bears at a moment."""
    query = select(BodyLook).where(BodyLook.body_id.in_(body_ids)).order_by(BodyLook.revision.desc())
    rows = session.scalars(query).all()
    values = {row.id: row.to_value() for row in rows}

    def look_of(body_id: UUID, at: datetime) -> Look:
        chosen = (values[row.id] for row in rows if row.body_id == body_id and row.chosen_at <= at)
        return next(chosen, PLAIN_LOOK)

    return look_of


def _look(session: Session, body_id: UUID | ScalarSelect[UUID], at: datetime | None) -> Look:
    look_id = session.scalar(_in_force(select(BodyLook.id), body_id, at))
    if look_id is None:
        return PLAIN_LOOK
    # Rows never change: the documents of one archive share the bytes of a logo.
    known: dict[UUID, Look] = session.info.setdefault(_KNOWN, {})
    if look_id not in known:
        known[look_id] = session.get_one(BodyLook, look_id).to_value()
    return known[look_id]


def _in_force(query: Select[Any], body_id: UUID | ScalarSelect[UUID], at: datetime | None) -> Select[Any]:
    query = query.where(BodyLook.body_id == body_id)
    if at is not None:
        query = query.where(BodyLook.chosen_at <= at)
    return query.order_by(BodyLook.revision.desc()).limit(1)


@read_once
def load_look_of_version(session: Session, version_id: UUID, at: datetime | None = None) -> Look:
    """Return the look of the body that owns a version of a certification, at a moment."""
    query = select(Certification.body_id).join(Certification.versions).where(CertificationVersion.id == version_id)
    return _look(session, query.scalar_subquery(), at)


def set_logo(session: Session, body_id: UUID, logo: Logo, *, by: UUID, at: datetime) -> None:
    """Give the documents to come a logo; the person attested that it shows no emblem of the State."""
    new = _next_row(session, body_id, by=by, at=at)
    new.logo, new.logo_mime, new.logo_width, new.logo_height = (logo.content, logo.mime, logo.width, logo.height)
    session.add(new)
    record_event(
        session, "body_logo_set", ("certifying_body", body_id), by=by, at=at, width=logo.width, height=logo.height
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


# WCAG 2.2, 1.4.3: the contrast of a text with what is behind it.
MIN_CONTRAST = 4.5
_HEXADECIMAL = re.compile(r"#?([0-9a-fA-F]{6})")
# Steps of lightness that are tried, from the colour itself down to black.
_STEPS = 1000


def read_colour(text: str) -> str | None:
    """Return a colour as « #14564f » whatever the case it was typed in; None for what is no colour of six
    hexadecimal digits.
    """
    found = _HEXADECIMAL.fullmatch(text.strip())
    return f"#{found[1].lower()}" if found else None


def contrast_with_white(colour: str) -> float:
    """Return the contrast of a colour with white, from 1 (white) to 21 (black)."""
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def is_readable(colour: str) -> bool:
    """Return whether a text of this colour can be read on white."""
    return contrast_with_white(colour) >= MIN_CONTRAST


def nearest_readable(colour: str) -> str:
    """Return the colour itself when it can be read on white, else the lightest one of the same hue and
    saturation that can.
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    for step in range(_STEPS, -1, -1):
        darker = _written(colorsys.hls_to_rgb(hue, lightness * step / _STEPS, saturation)) if step < _STEPS else colour
        if is_readable(darker):
            return darker
    return "#000000"


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _written(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)
