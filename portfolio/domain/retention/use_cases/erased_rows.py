"""Erase the rows of a dossier: what is deleted, what is blanked, and the keys of the files that go with them.

Everything is a statement on whole tables, in the order of their foreign keys, in the transaction of the
caller. Tables that are not named here hold no word of a candidate, or are kept by law: `tests/retention`
compares this list with the schema.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from portfolio.db.care import erased_values
from portfolio.db.engine import Base, new_id
from portfolio.db.erasable import ERASABLE
from portfolio.domain.candidacy.rules.stage import Extent
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.recording import erase_rows
from portfolio.domain.ledger.rules.acts import COVERED
from portfolio.domain.submission.rules.dossier import redact
from portfolio.domain.submission.rules.manifest import UnreadableManifest, read_manifest, seal

_TABLES = Base.metadata.tables
_AT_ONCE = 500
Ids = Collection[UUID]

# What an erased dossier keeps, each with the reason: minutes, decisions, certificates and withdrawals have no
# end (domain.md §8).
KEPT: Mapping[str, str] = {
    "minutes": "unlimited",
    "recorded_decision": "unlimited",
    "recorded_finding": "part of the minutes",
    "minutes_rectification": "part of the minutes",
    "absence_letter": "how the body named itself, and a moment",
    "result_notification": "how and when the decision was told",
    "notification_receipt": "how and when the decision was received",
    "block_grant": "unlimited",
    "award": "unlimited",
    "certificate": "unlimited",
    "certificate_signature": "part of the certificate",
    "certificate_listing": "derived from the facts",
    "certificate_to_sign": "which certificates wait for a signature",
    "grant_status_change": "unlimited",
    "prior_holding": "unlimited, as what a jury grants",
    "prior_holding_end": "unlimited",
    "hearing": "ids and days",
    "hearing_member": "the composition of the jury",
    "member_attendance": "who sat",
    "defence": "minutes of the interview, in figures",
    "juror_statement": "the composition of the jury",
    "opinions_given": "moments",
    "opinions_opened": "moments",
    "attendance_change": "moments",
    "candidacy_block": "which blocks were asked for",
    "candidacy_listing": "derived from the facts",
    "open_deadline": "derived from the facts",
    "retention_clock": "derived from the facts",
    "advisor_assignment": "who accompanied, whom no later jury may name (J10)",
    "submitted_block": "which blocks were presented",
    "group_act_line": "ids and codes, no word",
    "bulk_opening_line": "ids and codes: the name and the address are blanked when the candidacy opens",
    "erasure": "the proof of the erasure",
    "audit_event": "ids and codes, no word",
}


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

    @property
    def candidacies(self) -> Sequence[UUID]:
        """The candidacy, as a list of one."""
        return [self.candidacy]


def load_scope(session: Session, candidacy_id: UUID, extent: Extent) -> Scope:
    """Find what an erasure takes; that of drafts keeps the pieces, with their files, that a sealed dossier
    names.
    """

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
    )


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
    _delete_index(session, scope, extent)
    _erase_evidence(session, scope, at)
    _erase_texts(session, scope)
    _erase_requests(session, scope, extent)
    if extent is Extent.WHOLE:
        _erase_hearings(session, scope)
    return keys


def _keys_of(files: Ids) -> Select[Any]:
    file = _TABLES["evidence_file"]
    return select(file.c.key).where(file.c.id.in_(files))


def _load_keys(session: Session, scope: Scope, extent: Extent) -> Iterator[str]:
    rendition, page, image = _TABLES["rendition"], _TABLES["page"], _TABLES["page_image"]
    renditions = select(rendition.c.id).where(rendition.c.file_id.in_(scope.files))
    pages = select(page.c.id).where(page.c.rendition_id.in_(renditions))
    editions, apart = _TABLES["book_edition"], _TABLES["quarantined_file"]
    drafts = editions.c.submission_id.is_(None) if extent is Extent.DRAFTS else editions.c.id.is_not(None)
    queries = [
        *_keys_by("evidence_file", "key", "id", scope.files),
        select(apart.c.held_key).where(apart.c.key.in_(_keys_of(scope.files)), apart.c.held_key != ""),
        select(rendition.c.key).where(rendition.c.id.in_(renditions)),
        select(image.c.key).where(image.c.page_id.in_(pages)),
        select(editions.c.key).where(editions.c.candidacy_id == scope.candidacy, drafts),
        *_keys_by("attestation_draft", "attachment_key", "request_id", scope.requests),
        *_keys_by("sealed_file", "key", "submission_id", scope.submissions),
    ]
    if extent is Extent.WHOLE:
        appeals = select(_TABLES["appeal"].c.id).where(_TABLES["appeal"].c.minutes_id.in_(scope.minutes))
        queries += [
            *_keys_by("acquisition", "file_key", "candidacy_id", scope.candidacies),
            select(_TABLES["appeal"].c.file_key).where(_TABLES["appeal"].c.id.in_(appeals)),
            select(_TABLES["observation"].c.file_key).where(
                _TABLES["observation"].c.id.in_(_observations(session, scope))
            ),
        ]
    for query in queries:
        yield from (key for key in session.scalars(query) if key)


def _keys_by(table: str, key: str, link: str, values: Ids) -> list[Select[Any]]:
    found = _TABLES[table]
    return [select(found.c[key]).where(found.c[link].in_(some)) for some in _some(values)]


def _observations(session: Session, scope: Scope) -> list[UUID]:
    table = _TABLES["observation"]
    return list(session.scalars(select(table.c.id).where(table.c.invitation_id.in_(_invitations(session, scope)))))


def _invitations(session: Session, scope: Scope) -> list[UUID]:
    """Return the invitations to observe that bear on what the juries of this candidacy granted."""
    invitation, grant = _TABLES["observation_invitation"], _TABLES["block_grant"]
    acquisition = _TABLES["acquisition"]
    acquired = select(acquisition.c.id).where(acquisition.c.candidacy_id == scope.candidacy)
    grants = select(grant.c.id).where(or_(grant.c.minutes_id.in_(scope.minutes), grant.c.acquisition_id.in_(acquired)))
    return list(session.scalars(select(invitation.c.id).where(invitation.c.grant_id.in_(grants))))


def _blank_facts(session: Session, scope: Scope, extent: Extent, *, by: UUID | None, at: datetime) -> None:
    """Erase the words of recorded rows: their salts in the ledger first, then the words, which the database
    blanks itself.
    """
    rows = dict(_facts_to_blank(session, scope, extent))
    recorded = {table: ids for table, ids in rows.items() if table in COVERED}
    if extent is Extent.WHOLE:
        recorded["candidacy"] = [scope.candidacy]
    erase_rows(session, recorded, by=by, at=at)
    manifests = _redacted_manifests(session, scope)
    orders: list[dict[str, Any]] = [
        {"id": new_id(), "table_name": table, "row_id": row, "replacement": manifests.get(row), "erased_at": at}
        for table, ids in rows.items()
        if table in ERASABLE
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


def _facts_to_blank(session: Session, scope: Scope, extent: Extent) -> Iterator[tuple[str, list[UUID]]]:
    def ids(table: str, link: str, values: Ids) -> tuple[str, list[UUID]]:
        found = _TABLES[table]
        return table, [
            row for some in _some(values) for row in session.scalars(select(found.c.id).where(found.c[link].in_(some)))
        ]

    yield ids("attestation", "evidence_id", scope.evidence)
    yield ids("evidence_file", "evidence_id", scope.evidence)
    if extent is Extent.WHOLE:
        for table in ("submission", "acquisition", "lapse_ruling", "candidacy_closure", "assessment_result"):
            yield ids(table, "candidacy_id", scope.candidacies)
        yield ids("sealed_file", "submission_id", scope.submissions)
        yield ids("appeal", "minutes_id", scope.minutes)
        appeals = ids("appeal", "minutes_id", scope.minutes)[1]
        yield ids("appeal_answer", "appeal_id", appeals)
        yield "observation_invitation", _invitations(session, scope)
        yield "observation", _observations(session, scope)


def _delete_index(session: Session, scope: Scope, extent: Extent) -> None:
    entry = _TABLES["search_entry"]
    condition = [entry.c.candidacy_id == scope.candidacy]
    if extent is Extent.DRAFTS:
        condition.append(entry.c.submission_id.is_(None))
    session.execute(delete(entry).where(*condition))


def _erase_evidence(session: Session, scope: Scope, at: datetime) -> None:
    """Delete what was made of the files; delete the versions, or blank those that the ledger or a result
    names.
    """
    rendition, page = _TABLES["rendition"], _TABLES["page"]
    renditions = select(rendition.c.id).where(rendition.c.file_id.in_(scope.files))
    pages = select(page.c.id).where(page.c.rendition_id.in_(renditions))
    _delete_where(session, "page_image", "page_id", pages)
    _delete_where(session, "page", "rendition_id", renditions)
    _delete_where(session, "page_request", "rendition_id", renditions)
    for table in ("rendition", "page_mask", "private_file", "flattened_file"):
        _delete_by(session, table, "file_id", scope.files)
    _delete_by(session, "flattened_file", "source_id", scope.files)
    for table in ("removed_claims", "dismissed_hint"):
        _delete_by(session, table, "evidence_id", scope.evidence)
    _delete_by(session, "claim", "evidence_id", scope.evidence)
    _update_by(session, "message", "evidence_id", scope.evidence, evidence_id=None, anchor=None)
    _delete_where(session, "quarantined_file", "key", _keys_of(scope.files))
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


def _erase_texts(session: Session, scope: Scope) -> None:
    """Delete what was written and said around the draft; the row of the dossier stays, empty: pages join
    it.
    """
    for table in (
        *(
            "claim",
            "narrative",
            "text_version",
            "coverage_review",
            "message",
            "thread_read_marker",
            "private_note",
            "self_assessment",
            "upload",
        ),
        *("recommendation_done", "post_jury_meeting", "postponed_block"),
    ):
        _delete_by(session, table, "candidacy_id", scope.candidacies)
    _blank_by(session, "dossier", "candidacy_id", scope.candidacies)


def _erase_requests(session: Session, scope: Scope, extent: Extent) -> None:
    """Delete the requests to third parties; one whose answer was signed stays, blank, for the attestation
    names it.

    The erasure of drafts keeps those whose attestation a sealed dossier holds.
    """
    attestation = _TABLES["attestation"]
    for table in ("attestation_otp", "attestation_link"):
        _delete_by(session, table, "request_id", scope.requests)
    _delete_by(session, "attestation_draft", "request_id", scope.requests)
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
    _update_by(session, "attestation_request", "id", scope.requests, experience_id=None)
    _update_by(session, "evidence", "experience_id", scope.experiences, experience_id=None)
    _delete_by(session, "experience", "id", scope.experiences)
    editions = _TABLES["book_edition"]
    condition = [editions.c.candidacy_id == scope.candidacy]
    if extent is Extent.DRAFTS:
        condition.append(editions.c.submission_id.is_(None))
    session.execute(delete(editions).where(*condition))


def _erase_hearings(session: Session, scope: Scope) -> None:
    """Delete the notes of the jury and the course of its deliberation: its minutes stay."""
    ballot = _TABLES["ballot"]
    ballots = select(ballot.c.id).where(ballot.c.hearing_id.in_(scope.hearings))
    _delete_where(session, "member_vote", "ballot_id", ballots)
    for table in (
        *("ballot", "juror_note", "juror_opinion", "interview_entry", "finding_draft", "decision_draft"),
        *("exhibit_opening", "adjournment", "hearing_review"),
    ):
        _delete_by(session, table, "hearing_id", scope.hearings)
    returned = _TABLES["dossier_return"]
    _delete_where(
        session, "return_request", "return_id", select(returned.c.id).where(returned.c.candidacy_id == scope.candidacy)
    )
    for table in ("dossier_return", "damaged_file", "legal_hold"):
        _delete_by(session, table, "candidacy_id", scope.candidacies)
    _blank_by(session, "erasure_request", "candidacy_id", scope.candidacies)
    _blank_by(session, "candidacy", "id", scope.candidacies)
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
