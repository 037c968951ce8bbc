"""Erase the rows of a dossier: what is deleted, what is blanked, and the keys of the files that go with them.

Everything is a statement on whole tables, in the order of their foreign keys, in the transaction of the
caller. Every row that leads to what is erased goes, unless its table declares otherwise (`portfolio/db/care.py`):
minutes, decisions, certificates and withdrawals have no end (domain.md §8).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, insert, select, true, update
from sqlalchemy.orm import Session

from portfolio.db.care import covered_tables, erasable_words, erased_values, own_column, table_care
from portfolio.db.engine import Base, new_id
from portfolio.domain.candidacy.rules.stage import Extent
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.recording import erase_rows
from portfolio.domain.submission.rules.dossier import redact
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, seal

_TABLES = Base.metadata.tables
_AT_ONCE = 500
Ids = Collection[UUID]


@dataclass(frozen=True)
class Scope:
    """The ids of a dossier, found once."""

    candidacy: UUID
    evidence: Sequence[UUID]
    files: Sequence[UUID]
    submissions: Sequence[UUID]
    hearings: Sequence[UUID]
    minutes: Sequence[UUID]
    requests: Sequence[UUID]
    experiences: Sequence[UUID]
    # The request that the candidacy was found admissible on, if one was made.
    admissions: Sequence[UUID] = ()

    @property
    def candidacies(self) -> Sequence[UUID]:
        """Return the candidacy, as a list of one."""
        return [self.candidacy]

    @property
    def rows(self) -> Mapping[str, Ids]:
        """Return the ids by table: every other row of the dossier leads to one of these."""
        return {
            "candidacy": self.candidacies, "evidence": self.evidence, "evidence_file": self.files,
            "submission": self.submissions, "hearing": self.hearings, "minutes": self.minutes,
            "attestation_request": self.requests, "admissibility_request": self.admissions,
        }  # fmt: skip


def load_scope(session: Session, candidacy_id: UUID, extent: Extent) -> Scope:
    """Find what an erasure takes; that of drafts keeps the pieces, with their files, that a sealed dossier names."""

    def ids(table: str, link: str, values: Ids) -> list[UUID]:
        found = _TABLES[table]
        return [
            row for some in _some(values) for row in session.scalars(select(found.c.id).where(found.c[link].in_(some)))
        ]

    evidence = ids("evidence", "candidacy_id", [candidacy_id])
    submissions = ids("submission", "candidacy_id", [candidacy_id])
    if extent is Extent.DRAFTS:
        sealed = set(session.scalars(_sealed_evidence(submissions)))
        evidence = [each for each in evidence if each not in sealed]
        submissions = []
    hearings = ids("hearing", "submission_id", submissions)
    return Scope(
        candidacy_id,
        evidence,
        ids("evidence_file", "evidence_id", evidence),
        submissions,
        hearings,
        ids("minutes", "hearing_id", hearings),
        ids("attestation_request", "candidacy_id", [candidacy_id]),
        ids("experience", "candidacy_id", [candidacy_id]),
        _admissions(session, candidacy_id) if extent is Extent.WHOLE else (),
    )


def _admissions(session: Session, candidacy_id: UUID) -> list[UUID]:
    candidacy = _TABLES["candidacy"]
    found = session.scalars(select(candidacy.c.request_id).where(candidacy.c.id == candidacy_id))
    return [each for each in found if each]


def _sealed_evidence(submissions: Ids) -> Select[Any]:
    file, sealed = _TABLES["evidence_file"], _TABLES["sealed_file"]
    return (
        select(file.c.evidence_id)
        .join(sealed, sealed.c.key == file.c.key)
        .where(sealed.c.submission_id.in_(submissions))
    )


def erase_dossier(session: Session, candidacy_id: UUID, extent: Extent, *, by: UUID | None, at: datetime) -> list[str]:
    """Erase the rows of a dossier and return the keys of the files that no row keeps any more."""
    scope = load_scope(session, candidacy_id, extent)
    keys = list(dict.fromkeys(_load_keys(session, scope, extent)))
    _blank_facts(session, scope, extent, by=by, at=at)
    _free_experiences(session, scope)
    _delete_where(session, "quarantined_file", "key", _keys_of(scope.files))
    _delete_where(session, "control_pack", "body_id", _body_of(candidacy_id))
    delete_rows(session, scope.rows, extent)
    _erase_evidence(session, scope, at)
    _blank_by(session, "dossier", "candidacy_id", scope.candidacies)
    _erase_requests(session, scope)
    if extent is Extent.WHOLE:
        _erase_candidacy(session, scope)
    return keys


def _keys_of(files: Ids) -> Select[Any]:
    file = _TABLES["evidence_file"]
    return select(file.c.key).where(file.c.id.in_(files))


def _load_keys(session: Session, scope: Scope, extent: Extent) -> Iterator[str]:
    rendition, page, image = _TABLES["rendition"], _TABLES["page"], _TABLES["page_image"]
    renditions = select(rendition.c.id).where(rendition.c.file_id.in_(scope.files))
    pages = select(page.c.id).where(page.c.rendition_id.in_(renditions))
    editions, packs, apart = map(_TABLES.__getitem__, ("book_edition", "control_pack", "quarantined_file"))
    drafts = editions.c.submission_id.is_(None) if extent is Extent.DRAFTS else editions.c.id.is_not(None)
    queries = [
        *_keys_by("evidence_file", "key", "id", scope.files),
        select(apart.c.held_key).where(apart.c.key.in_(_keys_of(scope.files)), apart.c.held_key != ""),
        select(rendition.c.key).where(rendition.c.id.in_(renditions)),
        select(image.c.key).where(image.c.page_id.in_(pages)),
        select(editions.c.key).where(editions.c.candidacy_id == scope.candidacy, drafts),
        select(packs.c.key).where(packs.c.body_id.in_(_body_of(scope.candidacy))),
        *_keys_by("attestation_draft", "attachment_key", "request_id", scope.requests),
        *_keys_by("sealed_file", "key", "submission_id", scope.submissions),
    ]
    if extent is Extent.WHOLE:
        appeals = select(_TABLES["appeal"].c.id).where(_TABLES["appeal"].c.minutes_id.in_(scope.minutes))
        queries += [
            *_keys_by("acquisition", "file_key", "candidacy_id", scope.candidacies),
            select(_TABLES["funding_paper"].c.file_key)
            .join(_TABLES["funding"], _TABLES["funding"].c.id == _TABLES["funding_paper"].c.funding_id)
            .where(_TABLES["funding"].c.candidacy_id == scope.candidacy),
            *_keys_by("admissibility_proof", "file_key", "request_id", scope.admissions),
            select(_TABLES["appeal"].c.file_key).where(_TABLES["appeal"].c.id.in_(appeals)),
            *_keys_by("observation", "file_key", "id", _load_facts(session, "observation", scope, extent)),
        ]
    for query in queries:
        yield from (key for key in session.scalars(query) if key)


def _body_of(candidacy_id: UUID) -> Select[Any]:
    """Return the body of a candidacy, whose control packs tell of it among others."""
    candidacy, version, certification = map(
        _TABLES.__getitem__, ("candidacy", "certification_version", "certification")
    )
    joined = candidacy.join(version, version.c.id == candidacy.c.version_id)
    joined = joined.join(certification, certification.c.id == version.c.certification_id)
    return select(certification.c.body_id).select_from(joined).where(candidacy.c.id == candidacy_id)


def _keys_by(table: str, key: str, link: str, values: Ids) -> list[Select[Any]]:
    found = _TABLES[table]
    return [select(found.c[key]).where(found.c[link].in_(some)) for some in _some(values)]


def _blank_facts(session: Session, scope: Scope, extent: Extent, *, by: UUID | None, at: datetime) -> None:
    """Erase the words of recorded rows: their salts in the ledger first, then the words, which the database
    blanks itself.
    """
    rows = {table: _load_facts(session, table, scope, extent) for table in erasable_words()}
    recorded = {"evidence_file": scope.files} | {table: ids for table, ids in rows.items() if table in covered_tables()}
    if extent is Extent.WHOLE:
        recorded["candidacy"] = [scope.candidacy]
    erase_rows(session, recorded, by=by, at=at)
    manifests = _redacted_manifests(session, scope)
    orders: list[dict[str, Any]] = [
        {"id": new_id(), "table_name": table, "row_id": row, "replacement": manifests.get(row), "erased_at": at}
        for table, ids in rows.items()
        for row in ids
    ]
    known: set[UUID] = set()
    for some in _some([order["row_id"] for order in orders]):
        known |= set(
            session.scalars(select(_TABLES["erased_row"].c.row_id).where(_TABLES["erased_row"].c.row_id.in_(some)))
        )
    wanted = [order for order in orders if order["row_id"] not in known]
    if wanted:
        session.execute(insert(_TABLES["erased_row"]), wanted)


def _redacted_manifests(session: Session, scope: Scope) -> Mapping[UUID, bytes]:
    """Return what stays of each sealed dossier; the name only where minutes speak of it."""
    candidacy, person, submission = _TABLES["candidacy"], _TABLES["person"], _TABLES["submission"]
    named = select(func.coalesce(candidacy.c.candidate_display_name, person.c.name)).join(
        person, person.c.id == candidacy.c.candidate_id
    )
    name = session.scalar(named.where(candidacy.c.id == scope.candidacy)) if scope.minutes else None
    found = {}
    for some in _some(scope.submissions):
        for row in session.execute(select(submission.c.id, submission.c.manifest).where(submission.c.id.in_(some))):
            with suppress(UnreadableManifest):
                found[row.id] = seal(redact(read_manifest(row.manifest), name or "")).manifest
    return found


def _load_facts(session: Session, table: str, scope: Scope, extent: Extent) -> list[UUID]:
    """Return the append-only rows of a table that lead to the dossier; an attestation goes with its evidence."""
    rows = {name: ids for name, ids in scope.rows.items() if name != "attestation_request"}
    queries = (select(_TABLES[table].c.id).where(each) for each in _conditions(_TABLES[table], rows, extent))
    return list(dict.fromkeys(row for query in queries for row in session.scalars(query)))


def delete_rows(session: Session, rows: Mapping[str, Ids], extent: Extent) -> None:
    """Delete every row that leads to one of these, by its table, and that its own table does not keep."""
    for table in reversed(Base.metadata.sorted_tables):
        if goes(table) and table.name not in rows:
            for condition in _conditions(table, rows, extent):
                session.execute(delete(table).where(condition))


def goes(table: Table) -> bool:
    """Return whether the rows of a table go with what they lead to."""
    declared = table_care(table)
    return not (declared.kept or declared.is_emptied or declared.is_append_only)


def _conditions(table: Table, rows: Mapping[str, Ids], extent: Extent) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on which a row leads to one of these: some ids of one of its links at a time.

    A row that goes leads through rows that go, one that stays through rows that stay. With the drafts, a row of a
    candidacy is erased when its table declares it, unless it was sealed.
    """
    links = [
        (column, key)
        for column in table.columns
        for key in column.foreign_keys
        if key.ondelete != "SET NULL" and key.column.table is not table
    ]
    is_draft = extent is Extent.DRAFTS
    if is_draft and not table_care(table).is_draft and any(key.column.table.name == "candidacy" for _, key in links):
        return
    unsealed = table.c.submission_id.is_(None) if is_draft and "submission_id" in table.c else true()
    for column, key in links:
        parent = key.column.table
        if parent.name in rows and (parent.name != "person" or column.name == own_column(table)):
            yield from (and_(column.in_(some), unsealed) for some in _some(rows[parent.name]))
        elif parent.name != "person" and goes(table) is goes(parent):
            yield from (
                and_(column.in_(select(key.column).where(condition)), unsealed)
                for condition in _conditions(parent, rows, extent)
            )


def _erase_evidence(session: Session, scope: Scope, at: datetime) -> None:
    """Delete the versions, or blank those that the ledger or a result names; blank the pieces."""
    kept = _files_to_keep(session, scope.files)
    _delete_by(session, "evidence_file", "id", [each for each in scope.files if each not in kept])
    _blank_by(session, "evidence_file", "id", list(kept))
    _blank_by(session, "evidence", "id", scope.evidence, changed_at=at)


def _files_to_keep(session: Session, files: Ids) -> set[UUID]:
    result = _TABLES["assessment_result"]
    kept: set[UUID] = set()
    for some in _some(files):
        kept |= set(
            session.scalars(
                select(LedgerEntry.row_id).where(
                    LedgerEntry.record_type == "evidence_file", LedgerEntry.row_id.in_(some)
                )
            )
        )
        kept |= set(session.scalars(select(result.c.file_id).where(result.c.file_id.in_(some))))
    return kept


def _free_experiences(session: Session, scope: Scope) -> None:
    """Let the experiences go from the rows that stay."""
    _update_by(session, "attestation_request", "id", scope.requests, experience_id=None)
    _update_by(session, "evidence", "experience_id", scope.experiences, experience_id=None)


def _erase_requests(session: Session, scope: Scope) -> None:
    """Delete the requests to third parties; one whose answer was signed stays, blank, for the attestation names it.

    The erasure of drafts keeps those whose attestation a sealed dossier holds.
    """
    attestation = _TABLES["attestation"]
    signed = set()
    for some in _some(scope.requests):
        query = select(attestation.c.request_id, attestation.c.evidence_id).where(attestation.c.request_id.in_(some))
        signed |= {tuple(row) for row in session.execute(query)}
    erased = set(scope.evidence)
    gone = [each for each in scope.requests if each not in {request for request, _evidence in signed}]
    blank = [request for request, evidence in signed if evidence in erased]
    _delete_by(session, "attestation_competency", "request_id", [*gone, *blank])
    _delete_by(session, "attestation_request", "id", gone)
    _blank_by(session, "attestation_request", "id", blank)


def _erase_candidacy(session: Session, scope: Scope) -> None:
    """Blank the candidacy, and forget what was proposed on it and not done: the minutes stay."""
    _blank_by(session, "erasure_request", "candidacy_id", scope.candidacies)
    _blank_by(session, "candidacy", "id", scope.candidacies)
    _blank_by(session, "admissibility_request", "id", scope.admissions)
    candidacy = _TABLES["candidacy"]
    # A shared employer tells where the candidate worked; what the body recorded itself is kept until the
    # account ends.
    conflict, own = (
        _TABLES["juror_conflict"],
        select(candidacy.c.candidate_id).where(candidacy.c.id == scope.candidacy),
    )
    session.execute(delete(conflict).where(conflict.c.candidate_id.in_(own), conflict.c.is_pinned.is_(False)))
    proposal, grant = _TABLES["status_change_proposal"], _TABLES["block_grant"]
    grants = select(grant.c.id).where(grant.c.minutes_id.in_(scope.minutes))
    session.execute(delete(proposal).where(proposal.c.grant_id.in_(grants), proposal.c.act_id.is_(None)))


def _some(values: Ids) -> Iterator[Sequence[UUID]]:
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]


def _delete_by(session: Session, table: str, link: str, values: Ids) -> None:
    for some in _some(values):
        _delete_where(session, table, link, some)


def _delete_where(session: Session, table: str, link: str, values: Any) -> None:
    found: Table = _TABLES[table]
    session.execute(delete(found).where(found.c[link].in_(values)))


def _blank_by(session: Session, table: str, link: str, values: Ids, **more: Any) -> None:
    """Empty what tells of a person in rows that stay (`portfolio/db/care.py`)."""
    _update_by(session, table, link, values, **erased_values(_TABLES[table]), **more)


def _update_by(session: Session, table: str, link: str, values: Ids, **new: Any) -> None:
    found: Table = _TABLES[table]
    for some in _some(values):
        session.execute(update(found).where(found.c[link].in_(some)).values(**new))
