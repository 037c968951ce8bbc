"""Columns by which lists of candidacies sort and filter, derived from the facts; `recompute` compares both."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, event
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import DERIVED, no_fact
from portfolio.db.engine import Base, enum_column
from portfolio.db.trigrams import TrigramIndex, creating
from portfolio.domain.candidacy.rules.deadlines import DeadlineKind
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.holdings.rules.status_changes import GrantStatus

# Stands in a sorted column for a day that nothing sets: it sorts last, and a column that is never null pages
# by keyset.
NO_DAY = date(9999, 12, 31)


class CandidacyListing(Base):
    """One candidacy as lists sort and filter it."""

    __tablename__ = "candidacy_listing"
    __care__ = DERIVED

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    advisor_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    session_id: Mapped[UUID | None] = mapped_column(ForeignKey("jury_session.id"))
    route: Mapped[Route] = mapped_column(enum_column(Route, "route"))
    stage: Mapped[Stage] = mapped_column(enum_column(Stage, "stage"))
    # The furthest stage that the candidacy ever reached: it may be written again after a decision, or be
    # closed.
    reached: Mapped[Stage] = mapped_column(enum_column(Stage, "reached"))
    opened_at: Mapped[datetime]
    # Since when the candidacy waits at its stage, as far as a fact dates it.
    stage_since: Mapped[datetime]
    # The name as a list sorts it: by last name, without case and accents (account.rules.sort_name).
    sort_name: Mapped[str] = mapped_column(String(200))
    # Names, address, group, numbers of certificates and minutes, without case and accents: what a search looks in.
    search_text: Mapped[str] = mapped_column(Text)
    # The end of the first delay that passed, or runs, without a ruling; `NO_DAY` when there is none.
    deadline_on: Mapped[date] = mapped_column(default=NO_DAY)
    # The day of the session that hears its last dossier.
    jury_on: Mapped[date | None]
    # The day of the jury whose decision waits for its notification.
    to_notify_since: Mapped[date | None]
    # The result of the last jury by its name (R8) and the statuses of the blocks that stand no more, as
    # `outcome_to_text` says.
    outcome: Mapped[str] = mapped_column(String(200), default="")
    # Whether the candidate has still not come, or not made a first step: what they do next changes this row.
    awaits_first_step: Mapped[bool]


_ROW = CandidacyListing
for _column in (_ROW.stage, _ROW.version_id, _ROW.route, _ROW.advisor_id, _ROW.session_id):
    Index(f"ix_candidacy_listing_{_column.key}", _ROW.body_id, _column, _ROW.opened_at, _ROW.candidacy_id)
Index("ix_candidacy_listing_board", _ROW.advisor_id, _ROW.deadline_on, _ROW.candidacy_id)
Index("ix_candidacy_listing_opened_at", _ROW.body_id, _ROW.opened_at, _ROW.candidacy_id)
Index("ix_candidacy_listing_sort_name", _ROW.body_id, _ROW.sort_name, _ROW.candidacy_id)
Index("ix_candidacy_listing_deadline_on", _ROW.body_id, _ROW.deadline_on, _ROW.candidacy_id)
Index("ix_candidacy_listing_to_notify_since", _ROW.body_id, _ROW.to_notify_since, _ROW.candidacy_id)
Index("ix_candidacy_listing_stage_deadline_on", _ROW.body_id, _ROW.stage, _ROW.deadline_on, _ROW.candidacy_id)
Index("ix_candidacy_listing_stage_since", _ROW.body_id, _ROW.stage, _ROW.stage_since, _ROW.candidacy_id)


class OpenDeadline(Base):
    """A delay of a candidacy that runs, or that passed without a ruling; one row a kind."""

    __tablename__ = "open_deadline"
    __care__ = DERIVED
    __table_args__ = (
        Index("ix_open_deadline_until", "body_id", "until", "candidacy_id"),
        Index("ix_open_deadline_kind", "body_id", "kind", "until", "candidacy_id"),
        Index("ix_open_deadline_latest", "body_id", "kind", "latest", "candidacy_id"),
    )

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    kind: Mapped[DeadlineKind] = mapped_column(enum_column(DeadlineKind, "kind"), primary_key=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    since: Mapped[date]
    until: Mapped[date]
    latest: Mapped[date]
    source: Mapped[str] = mapped_column(String(40))
    # The day on which what it waited for came, too late; None while it has not come.
    done_on: Mapped[date | None]
    # Whether the candidacy was open here when the delay passed.
    is_seen: Mapped[bool]


class ListingCount(Base):
    """Number of candidacies of a body that have one value of a facet: counted when they change, not when a list is
    read.
    """

    __tablename__ = "listing_count"
    __care__ = no_fact("how many candidacies lists count under each heading")
    __table_args__ = (Index("ix_listing_count_number", "body_id", "facet", "number"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    facet: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int]


class CertificateListing(Base):
    """One certificate as the list of its body sorts and filters it, derived from the facts as the rows above."""

    __tablename__ = "certificate_listing"
    __care__ = DERIVED

    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"), primary_key=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("certification_version.id"))
    number: Mapped[str] = mapped_column(String(40))
    # Whether it certifies the whole certification, not one block.
    is_whole: Mapped[bool]
    status: Mapped[GrantStatus] = mapped_column(enum_column(GrantStatus, "status"))
    obtained_on: Mapped[date]
    # The holder as a list sorts them (account.rules.sort_name).
    sort_name: Mapped[str] = mapped_column(String(200))
    # Names, address, numbers of the certificate and of the minutes, without case and accents: what a search
    # looks in.
    search_text: Mapped[str] = mapped_column(Text)


class ListedKind(StrEnum):
    """Kinds of objects of which programs read the changes."""

    CANDIDACY = "candidacy"
    CERTIFICATE = "certificate"


class ListingChange(Base):
    """The last change of one listed object, in the order in which a program reads them.

    A transaction that changes the object takes its number away; the first read after it gives the next one. So a
    number is never given before what it numbers can be read, whatever transactions run at once.
    """

    __tablename__ = "listing_change"
    __care__ = DERIVED
    __table_args__ = (Index("ix_listing_change_seq", "body_id", "seq", "kind"),)

    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[ListedKind] = mapped_column(enum_column(ListedKind, "kind"))
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    seq: Mapped[int | None] = mapped_column(BigInteger)


class ListingSequence(Base):
    """The last number given to a change of a body."""

    __tablename__ = "listing_sequence"
    __care__ = no_fact("the last number given to a change that programs read")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)


_CERTIFICATE = CertificateListing
for _filter in (_CERTIFICATE.status, _CERTIFICATE.version_id, _CERTIFICATE.is_whole):
    Index(
        f"ix_certificate_listing_{_filter.key}",
        *(_CERTIFICATE.body_id, _filter, _CERTIFICATE.obtained_on, _CERTIFICATE.certificate_id),
    )
for _sort in (_CERTIFICATE.obtained_on, _CERTIFICATE.sort_name, _CERTIFICATE.number):
    Index(f"ix_certificate_listing_{_sort.key}", _CERTIFICATE.body_id, _sort, _CERTIFICATE.certificate_id)

CANDIDACY_TRIGRAMS = TrigramIndex(CandidacyListing.__tablename__, "candidacy_id")
CERTIFICATE_TRIGRAMS = TrigramIndex(CertificateListing.__tablename__, "certificate_id")
event.listen(CandidacyListing.__table__, "after_create", creating(CANDIDACY_TRIGRAMS))
event.listen(CertificateListing.__table__, "after_create", creating(CERTIFICATE_TRIGRAMS))
