"""Write what the list of certificates keeps of each of them; compare it with the facts."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Select, Uuid, bindparam, exists, func, insert, select, union_all, update
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import Base, fetch_rows
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import sort_name
from portfolio.domain.candidacy.models import Candidacy, is_erased
from portfolio.domain.candidacy_listing.events import note_changes, note_statuses
from portfolio.domain.candidacy_listing.models import CertificateListing, ListedKind
from portfolio.domain.candidacy_listing.rules import search_text
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.email.rules import plain_words
from portfolio.domain.holdings.models.events import EquivalenceSide, GroupEquivalenceBlock
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, PriorHolding
from portfolio.domain.holdings.use_cases.status import load_statuses
from portfolio.domain.jury.models.deliberation import Minutes

CHUNK = 400
NAME_CHARS = 200
# What a transaction touched, as `tracking` names it, and that may change where a certificate stands or how it
# is found.
TOUCHING = ("holder", "grant", "award", "minutes", "block", "holding", "person")


# Executed by every write that concerns a certificate, so built once.
_LISTING = Base.metadata.tables[CertificateListing.__tablename__]
_IDS: BindParameter[Any] = bindparam("ids", type_=Uuid(), expanding=True)
_LOCKED = (
    select(_LISTING).where(_LISTING.c.certificate_id.in_(_IDS)).order_by(_LISTING.c.certificate_id).with_for_update()
)
_ADD = insert(_LISTING)
# A union of two: each reads an index, where one condition on both scans every row.
_CERTIFICATES = union_all(
    select(Certificate.id).join(Certificate.grant).where(Grant.person_id.in_(_IDS)),
    select(Certificate.id).join(Certificate.award).where(Award.person_id.in_(_IDS)),
)
_HOLDERS: Mapping[str, Select[UUID]] = {
    "grant": select(Grant.person_id).where(Grant.id.in_(_IDS)),
    "award": select(Award.person_id).where(Award.id.in_(_IDS)),
    "minutes": select(Grant.person_id).where(Grant.minutes_id.in_(_IDS)),
    # An equivalence for a block may complete or end the wholes that it belongs to.
    "block": select(Award.person_id).where(Award.version_id.in_(select(Block.version_id).where(Block.id.in_(_IDS)))),
    "holding": select(PriorHolding.person_id).where(PriorHolding.id.in_(_IDS)),
}


def holders_touched(session: Session, touched: dict[str, set[UUID]]) -> set[UUID]:
    """Return the people whose certificates the writes of a transaction may change."""
    kinds = {kind: [*touched[kind]] for kind in TOUCHING if touched.get(kind)}
    people = {*kinds.get("holder", ()), *kinds.get("person", ())}
    for kind, query in _HOLDERS.items():
        if kind in kinds:
            people.update(person for (person,) in fetch_rows(session, query, {"ids": kinds[kind]}))
    return people


def counted_blocks(row: GroupEquivalenceBlock) -> Iterator[tuple[str, UUID | None]]:
    """Yield the block that a ruling on several blocks makes count."""
    if row.side is EquivalenceSide.COUNTS_FOR:
        yield "block", row.block_id


def refresh_certificates(session: Session, people: Collection[UUID]) -> None:
    """Write what the list keeps of every certificate of these people; rows are locked in one order."""
    ids = sorted(people, key=str)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        keys = sorted((key for (key,) in fetch_rows(session, _CERTIFICATES, {"ids": some})), key=str)
        for first in range(0, len(keys), CHUNK):
            _write(session, keys[first : first + CHUNK])


def _write(session: Session, ids: Sequence[UUID]) -> None:
    known = {row.certificate_id: row._asdict() for row in fetch_rows(session, _LOCKED, {"ids": list(ids)})}
    found = load_certificate_rows(session, ids)
    if added := [row for key, row in found.items() if key not in known]:
        session.connection().execute(_ADD, added)
    for key, row in found.items():
        if key in known and known[key] != row:
            changed = update(CertificateListing).where(CertificateListing.certificate_id == key).values(**row)
            session.execute(changed.execution_options(synchronize_session=False))
    bodies = {key: row["body_id"] for key, row in found.items() if known.get(key) != row}
    note_changes(session, ListedKind.CERTIFICATE, bodies)
    note_statuses(session, *({key: row["status"] for key, row in rows.items()} for rows in (known, found)))


def load_certificate_rows(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what the list keeps of these certificates, in a constant number of queries."""
    rows = session.execute(_facts(), {"ids": list(ids)}).all()
    statuses = load_statuses(session, [row.Certificate for row in rows])
    return {row.Certificate.id: _row(row) | {"status": statuses[row.Certificate.id]} for row in rows}


@cache
def _facts() -> Any:
    completing = aliased(Grant)
    version_id, person_id = (
        func.coalesce(Block.version_id, Award.version_id),
        func.coalesce(Grant.person_id, Award.person_id),
    )
    # Out of reach of the index of versions: a database that has not learnt its tables would read every
    # candidacy of the version.
    of_version = func.coalesce(Candidacy.version_id, Candidacy.version_id) == version_id
    erased = exists().where(Candidacy.candidate_id == person_id, of_version, is_erased())
    return (
        select(
            *(Certificate, Certification.body_id, version_id.label("version_id"), person_id.label("person_id")),
            func.coalesce(Grant.granted_on, Award.obtained_on).label("obtained_on"),
            *(Person.name, Person.email, Minutes.number.label("minutes"), erased.label("is_erased")),
        )
        .outerjoin(Certificate.grant)
        .outerjoin(Grant.block)
        .outerjoin(Certificate.award)
        .outerjoin(completing, completing.id == Award.completed_by)
        .outerjoin(Minutes, Minutes.id == func.coalesce(Grant.minutes_id, completing.minutes_id))
        .join(Person, Person.id == person_id)
        .join(CertificationVersion, CertificationVersion.id == version_id)
        .join(CertificationVersion.certification)
        .where(Certificate.id.in_(_IDS))
    )


def _row(row: Any) -> dict[str, Any]:
    certificate, holder = row.Certificate, row.Certificate.printed_text.get("holder") or row.name
    # The certificates of an erased dossier stay, found by what they print and nothing else.
    people = (holder,) if row.is_erased else (holder, row.name, row.email)
    words = [part for part in (*people, certificate.number, row.minutes) if part]
    return {
        "certificate_id": certificate.id,
        "body_id": row.body_id,
        "person_id": row.person_id,
        "version_id": row.version_id,
        "number": certificate.number,
        "is_whole": certificate.award_id is not None,
        "obtained_on": row.obtained_on,
        "sort_name": sort_name(holder, NAME_CHARS),
        "search_text": search_text(words, {part: plain_words(part) for part in words}),
    }


def build_missing_certificates(session: Session) -> int:
    """Write the rows of the certificates that have none: those of a database that is older than this list."""
    query = select(Certificate.id).where(~exists().where(CertificateListing.certificate_id == Certificate.id))
    missing = session.scalars(query.order_by(Certificate.id)).all()
    for start in range(0, len(missing), CHUNK):
        _write(session, missing[start : start + CHUNK])
    return len(missing)


def check_certificates(session: Session) -> tuple[UUID, ...]:
    """Return the certificates whose row differs from the facts; write nothing."""
    wrong: list[UUID] = []
    columns = CertificateListing.__table__.columns
    ids = session.scalars(select(Certificate.id).order_by(Certificate.id)).all()
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        stored = {
            row.certificate_id: row._asdict()
            for row in session.execute(select(*columns).where(CertificateListing.certificate_id.in_(some)))
        }
        wrong += [key for key, row in load_certificate_rows(session, some).items() if stored.get(key) != row]
    return tuple(wrong)


def recompute_certificates(session: Session) -> tuple[UUID, ...]:
    """Write again every row that differs from the facts; return which did."""
    found = check_certificates(session)
    for start in range(0, len(found), CHUNK):
        _write(session, found[start : start + CHUNK])
    return found
