"""Write what lists keep of candidacies, with their counts; compare it with the facts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Executable, Uuid, bindparam, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from portfolio.db.engine import Base, fetch_rows, is_narrowed
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy_listing.certificates import (
    build_missing_certificates,
    check_certificates,
    recompute_certificates,
)
from portfolio.domain.candidacy_listing.events import note_changes
from portfolio.domain.candidacy_listing.facts import CandidacyFacts, load_facts
from portfolio.domain.candidacy_listing.models import CandidacyListing, ListedKind, ListingCount, OpenDeadline
from portfolio.domain.candidacy_listing.rules import CALLED, facets_of
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.holdings.models.grants import Award, Certificate, CertificateToSign, Grant

CHUNK = 400
CountKey = tuple[UUID, str, str]
_COUNT_COLUMNS = ("body_id", "facet", "value", "number")

# Executed by nearly every write, so built once; the rows of lists are nobody's objects, and need no unit of
# work.
_LISTING, _DEADLINE, _COUNT, _TO_SIGN = (
    Base.metadata.tables[model.__tablename__]
    for model in (CandidacyListing, OpenDeadline, ListingCount, CertificateToSign)
)
_NAMES = tuple(_LISTING.c.keys())
_IDS: BindParameter[Any] = bindparam("ids", type_=Uuid(), expanding=True)
_LOCKED = select(_LISTING).where(_LISTING.c.candidacy_id.in_(_IDS)).order_by(_LISTING.c.candidacy_id).with_for_update()
_ADD = insert(_LISTING)
_CHANGE = (
    update(_LISTING)
    .where(_LISTING.c.candidacy_id == bindparam("key"))
    .values({name: bindparam(name) for name in _NAMES})
)
_DEADLINES = select(_DEADLINE).where(_DEADLINE.c.candidacy_id.in_(_IDS))
_ADD_DEADLINE = insert(_DEADLINE)
_REMOVE_DEADLINE = delete(_DEADLINE).where(
    _DEADLINE.c.candidacy_id == bindparam("candidacy"), _DEADLINE.c.kind == bindparam("deadline")
)
_REMOVE_COUNT = delete(_COUNT).where(
    _COUNT.c.body_id == bindparam("body"),
    _COUNT.c.facet == CALLED,
    _COUNT.c.value == bindparam("session"),
    _COUNT.c.number == 0,
)
_version_id = func.coalesce(Block.version_id, Award.version_id)
_ISSUED = (
    select(Certificate.id.label("certificate_id"), Certification.body_id, Certificate.issued_at)
    .outerjoin(Certificate.grant)
    .outerjoin(Grant.block)
    .outerjoin(Certificate.award)
    .join(CertificationVersion, CertificationVersion.id == _version_id)
    .join(CertificationVersion.certification)
    .where(Certificate.id.in_(_IDS))
)
_ADD_TO_SIGN = insert(_TO_SIGN)
_SIGNED = delete(_TO_SIGN).where(_TO_SIGN.c.certificate_id.in_(_IDS))


def _chunks(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def refresh(session: Session, candidacies: Collection[UUID]) -> None:
    """Write what lists keep of these candidacies from their facts, and correct the counts.

    It comes last in its transaction: rows are locked in one order, then counts in one order, so that two transactions
    never wait for each other in a circle. A transaction that waited here reads what the other one committed.
    """
    ids = sorted(candidacies, key=str)
    known = {key: row for chunk in _chunks(ids) for key, row in _lock(session, chunk).items()}
    changes: Counter[CountKey] = Counter()
    for chunk in _chunks(ids):
        found = load_facts(session, chunk)
        _write_rows(session, known, found)
        _write_deadlines(session, found)
        note_changes(session, ListedKind.CANDIDACY, {key: facts.value.body_id for key, facts in found.items()})
        for key, facts in found.items():
            changes.subtract(_count_keys(known.get(key)))
            changes.update(_count_keys(facts.value))
    if kept := [(key, change) for key, change in sorted(changes.items(), key=str) if change]:
        _add_to_counts(session, kept)


def _lock(session: Session, ids: Sequence[UUID]) -> dict[UUID, Any]:
    return {row.candidacy_id: row for row in fetch_rows(session, _LOCKED, {"ids": list(ids)})}


def _count_keys(row: Any) -> Iterator[CountKey]:
    if row is not None:
        for facet, value in facets_of(row):
            yield row.body_id, facet, value


def _columns_of(value: CandidacyListing) -> dict[str, Any]:
    """Return a row by column."""
    return {name: getattr(value, name) for name in _NAMES}


def _write_rows(session: Session, known: dict[UUID, Any], found: dict[UUID, CandidacyFacts]) -> None:
    added = [_columns_of(facts.value) for key, facts in found.items() if key not in known]
    if added:
        session.connection().execute(_ADD, added)
    for key, facts in found.items():
        row, values = known.get(key), _columns_of(facts.value)
        if row is not None and any(getattr(row, name) != value for name, value in values.items()):
            session.connection().execute(_CHANGE, {"key": key, **values})


def _write_deadlines(session: Session, found: dict[UUID, CandidacyFacts]) -> None:
    stored = {(row.candidacy_id, row.kind): row for row in fetch_rows(session, _DEADLINES, {"ids": list(found)})}
    wanted = {(row["candidacy_id"], row["kind"]): row for row in _deadline_rows(found.values())}
    gone = {key for key, row in stored.items() if wanted.get(key) != row._asdict()}
    if gone:
        passed = [{"candidacy": candidacy_id, "deadline": kind} for candidacy_id, kind in sorted(gone, key=str)]
        session.connection().execute(_REMOVE_DEADLINE, passed)
    added = [row for key, row in wanted.items() if key not in stored or key in gone]
    if added:
        session.connection().execute(_ADD_DEADLINE, added)


def _deadline_rows(found: Iterable[CandidacyFacts]) -> Iterator[dict[str, Any]]:
    for facts in found:
        for each in facts.deadlines:
            yield {
                "candidacy_id": facts.value.candidacy_id,
                "kind": each.deadline.kind,
                "body_id": facts.value.body_id,
                "since": each.deadline.since,
                "until": each.deadline.until,
                "latest": each.deadline.latest,
                "source": each.deadline.source,
                "done_on": each.done_on,
                "is_seen": each.is_seen,
            }


def _add_to_counts(session: Session, changes: Sequence[tuple[CountKey, int]]) -> None:
    """Add to counts in their order, each in the database itself, so that two transactions add both.

    A session that nobody waits for has no count.
    """
    connection = session.connection()
    rows = [dict(zip(_COUNT_COLUMNS, (*key, change), strict=True)) for key, change in changes]
    connection.execute(_add_to_count(session.get_bind().dialect.name), rows)
    fewer = [
        {"body": body_id, "session": value}
        for (body_id, facet, value), change in changes
        if facet == CALLED and change < 0
    ]
    if fewer:
        connection.execute(_REMOVE_COUNT, fewer)


@cache
def _add_to_count(store: str) -> Executable:
    builders: dict[str, Any] = {"sqlite": insert_sqlite, "postgresql": insert_postgresql}
    statement = builders[store](ListingCount.__table__)
    added = {"number": ListingCount.__table__.c.number + statement.excluded.number}
    upsert: Executable = statement.on_conflict_do_update(index_elements=_COUNT_COLUMNS[:3], set_=added)
    return upsert


def refresh_certificates_to_sign(session: Session, issued: Collection[UUID], signed: Collection[UUID]) -> None:
    """Add the certificates just issued to those that wait for a signature, and take away those just signed."""
    if waiting := set(issued) - set(signed):
        rows = fetch_rows(session, _ISSUED, {"ids": list(waiting)})
        # A certificate that was issued within a savepoint rolled back is not there; an empty insert would
        # write a row of nulls.
        if rows:
            session.connection().execute(_ADD_TO_SIGN, [row._asdict() for row in rows])
    if signed:
        session.connection().execute(_SIGNED, {"ids": list(signed)})


def build_missing(session: Session) -> int:
    """Write the rows of the candidacies that have none: those of a database that is older than lists; return how many.

    The same of certificates.
    """
    build_missing_certificates(session)
    query = select(Candidacy.id).where(~exists().where(CandidacyListing.candidacy_id == Candidacy.id))
    missing = session.scalars(query).all()
    refresh(session, missing)
    return len(missing)


@dataclass(frozen=True, slots=True)
class ListingCheck:
    """Differences between lists and facts: the candidacies and certificates whose row differs, and the
    counts that do.
    """

    candidacies: tuple[UUID, ...]
    counts: tuple[CountKey, ...]
    certificates: tuple[UUID, ...] = ()

    @property
    def is_right(self) -> bool:
        """Tell whether nothing differs."""
        return not self.candidacies and not self.counts and not self.certificates


def check(session: Session) -> ListingCheck:
    """Compare every row, delay and count with the facts; write nothing."""
    wrong: list[UUID] = []
    expected: Counter[CountKey] = Counter()
    ids = session.scalars(select(Candidacy.id).order_by(Candidacy.id)).all()
    columns = CandidacyListing.__table__.columns
    for chunk in _chunks(ids):
        stored = {
            row.candidacy_id: row._asdict()
            for row in session.execute(select(*columns).where(CandidacyListing.candidacy_id.in_(chunk)))
        }
        delays = {
            (row.candidacy_id, row.kind): row._asdict()
            for row in session.execute(
                select(*OpenDeadline.__table__.columns).where(OpenDeadline.candidacy_id.in_(chunk))
            )
        }
        found = load_facts(session, chunk)
        wanted = {(row["candidacy_id"], row["kind"]): row for row in _deadline_rows(found.values())}
        late = {key[0] for key in delays.keys() | wanted.keys() if delays.get(key) != wanted.get(key)}
        wrong += [key for key, facts in found.items() if stored.get(key) != _columns_of(facts.value) or key in late]
        for facts in found.values():
            expected.update(_count_keys(facts.value))
    return ListingCheck(tuple(wrong), _wrong_counts(session, expected), check_certificates(session))


def _wrong_counts(session: Session, expected: Counter[CountKey]) -> tuple[CountKey, ...]:
    rows = session.execute(select(ListingCount.body_id, ListingCount.facet, ListingCount.value, ListingCount.number))
    stored = Counter({(row[0], row[1], row[2]): row[3] for row in rows})
    keys = stored.keys() | expected.keys()
    return tuple(sorted((key for key in keys if stored[key] != expected[key]), key=str))


def count_narrowed(session: Session) -> list[tuple[str, str, int]] | None:
    """Return facets, values and numbers of the candidacies that a narrowed session reads; None where it reads
    all, since the counts are kept.
    """
    if not is_narrowed(session):
        return None
    rows = session.execute(select(CandidacyListing)).scalars()
    return [(*key, number) for key, number in Counter(pair for row in rows for pair in facets_of(row)).items()]


def recompute(session: Session) -> ListingCheck:
    """Write again every row and count that differs from the facts; return what differed."""
    found = check(session)
    refresh(session, found.candidacies)
    recompute_certificates(session)
    wrong = check(session).counts
    if wrong:
        expected: Counter[CountKey] = Counter()
        for row in session.execute(select(*CandidacyListing.__table__.columns)):
            expected.update(_count_keys(row))
        for body_id, facet, value in wrong:
            number = expected[body_id, facet, value]
            stored = session.scalar(
                select(func.coalesce(func.max(ListingCount.number), 0)).where(
                    ListingCount.body_id == body_id, ListingCount.facet == facet, ListingCount.value == value
                )
            )
            _add_to_counts(session, [((body_id, facet, value), number - (stored or 0))])
    return found
