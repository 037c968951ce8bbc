"""The page that lists the certifications of a body: fifty at a time, searched, in a constant number of queries."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.screens.certifier.certifications.queries import CertificationSummary, VersionSummary, summaries_of

PAGE_SIZE = 50
# How many versions a list of choices holds before the certification is chosen on a page of its own.
MAX_CHOICES = 50


@dataclass(frozen=True, slots=True)
class CertificationsPage:
    """One page of certifications, and the draft to finish first."""

    rows: tuple[CertificationSummary, ...]
    # How many the search found, and how many the body has.
    count: int
    total: int
    page: int
    first_draft: tuple[CertificationSummary, VersionSummary] | None
    drafts: int

    @property
    def last_page(self) -> int:
        """Return the number of the last page."""
        return max(1, -(-self.count // PAGE_SIZE))


def load_certifications_page(session: Session, body_id: UUID, search: str = "", page: int = 1) -> CertificationsPage:
    """Return one page of the certifications of a body, by code."""
    of_body = Certification.body_id == body_id
    total = session.scalar(select(func.count()).select_from(Certification).where(of_body)) or 0
    found = _matching(session, body_id, search) if search.strip() else None
    count = total if found is None else len(found)
    shown = min(max(page, 1), max(1, -(-count // PAGE_SIZE)))
    start = (shown - 1) * PAGE_SIZE
    if found is None:
        rows = _rows(session, of_body, start)
    else:
        rows = _rows(session, Certification.id.in_(found[start : start + PAGE_SIZE]), 0)
    drafts, first = _drafts(session, body_id)
    return CertificationsPage(rows, count, total, shown, first, drafts)


def _rows(session: Session, wanted: ColumnElement[bool], start: int) -> tuple[CertificationSummary, ...]:
    query = (
        select(Certification)
        .where(wanted)
        .options(selectinload(Certification.versions).selectinload(CertificationVersion.blocks))
        .order_by(Certification.code)
    )
    return tuple(summaries_of(session.scalars(query.limit(PAGE_SIZE).offset(start))))


def _matching(session: Session, body_id: UUID, search: str) -> list[UUID]:
    """Return the certifications whose code or titles hold every word, by code; accents and capitals make
    no difference.
    """
    words = _plain(search).split()[:8]
    query = (
        select(Certification.id, Certification.code, CertificationVersion.title)
        .join(CertificationVersion)
        .where(Certification.body_id == body_id)
        .order_by(Certification.code)
    )
    texts: dict[UUID, str] = {}
    for certification_id, code, title in session.execute(query):
        texts[certification_id] = f"{texts.get(certification_id, '')} {code} {title}"
    return [key for key, text in texts.items() if all(word in _plain(text) for word in words)]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _drafts(session: Session, body_id: UUID) -> tuple[int, tuple[CertificationSummary, VersionSummary] | None]:
    """Return how many drafts a body has, and the one to finish first: that of the first code."""
    of_body = (Certification.body_id == body_id, CertificationVersion.published_at.is_(None))
    draft = select(CertificationVersion.id, Certification.id, func.count().over()).join(Certification).where(*of_body)
    row = session.execute(draft.order_by(Certification.code, CertificationVersion.number.desc()).limit(1)).first()
    if row is None:
        return 0, None
    version_id, certification_id, count = row
    (summary,) = _rows(session, Certification.id == certification_id, 0)
    return count, (summary, next(version for version in summary.versions if version.id == version_id))


@dataclass(frozen=True, slots=True)
class BaseChoice:
    """A version that a new certification may be copied from."""

    id: UUID
    code: str
    number: int
    title: str
    published_at: datetime | None


def as_uuid(text: str) -> UUID | None:
    """Return the identifier that an address gives; None when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def list_bases(session: Session, body_id: UUID, wanted: UUID | None = None) -> list[BaseChoice]:
    """Return the versions to copy from, by code, `MAX_CHOICES` at most; the one asked for is always among them."""
    query = (
        select(
            CertificationVersion.id,
            Certification.code,
            CertificationVersion.number,
            CertificationVersion.title,
            CertificationVersion.published_at,
        )
        .join(Certification)
        .where(Certification.body_id == body_id)
        .order_by(Certification.code, CertificationVersion.number.desc())
    )
    asked = session.execute(query.where(CertificationVersion.id == wanted)).all() if wanted else []
    others = session.execute(query.limit(MAX_CHOICES)).all()
    rows = dict.fromkeys((*asked, *others))
    return [BaseChoice(id_, code, number, title, published_at) for id_, code, number, title, published_at in rows]


def has_many_versions(session: Session, body_id: UUID) -> bool:
    """Return whether a body has published more versions than a list of choices holds."""
    query = select(CertificationVersion.id).join(Certification).where(Certification.body_id == body_id)
    published = query.where(CertificationVersion.published_at.is_not(None)).limit(MAX_CHOICES + 1)
    return len(session.scalars(published).all()) > MAX_CHOICES
