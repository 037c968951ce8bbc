"""Candidacies of a body: their changes, one of them, opening up to a hundred, a new invitation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import abort, url_for
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased, contains_eager, selectinload

from portfolio.access.api import ApiCaller
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import Person
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.account.use_cases import invite
from portfolio.domain.admissibility.use_cases.opening import open_candidacy
from portfolio.domain.api_access.models import CandidacyReference
from portfolio.domain.api_access.rules import ApiScope
from portfolio.domain.api_access.use_cases import find_referenced, load_references
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.candidacy.models import (
    Candidacy,
    advisor_display_name,
    candidacy_block,
    candidate_display_name,
    is_erased,
)
from portfolio.domain.candidacy.rules.opening import EMAIL, NewCandidacy, PersonInput, Scope, has_livret2
from portfolio.domain.candidacy_listing.events import number_changes, waiting_changes
from portfolio.domain.candidacy_listing.models import CandidacyListing, ListedKind, ListingChange, OpenDeadline
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.errors import Refusal
from portfolio.screens.api.v1.operations import RefusedCallError, operation
from portfolio.screens.api.v1.values import (
    BlockRef,
    CandidacyChanges,
    CandidacyPage,
    CandidacyValue,
    CertificationRef,
    Changes,
    DeadlineValue,
    Invited,
    Opened,
    OpenedLine,
    Opening,
    OpeningLine,
    PersonValue,
)
from portfolio.web.clock import now
from portfolio.web.errors import refusal_message
from portfolio.web.forms import clean, clean_line
from portfolio.web.urls import base_url
from portfolio.wording import api as words

# Versions by code and number; None for the last one of a code.
_Versions = Mapping[tuple[str, int | None], CertificationVersion]


def number_waiting(body_id: UUID) -> None:
    """Give a number to what changed since the last read; without any, nothing is written."""
    if waiting_changes(read_session(), body_id):
        with transaction() as db:
            number_changes(db, body_id)


def read_changes(caller: ApiCaller, query: Changes, selected: Select[*tuple[Any, ...]]) -> tuple[Sequence[Any], bool]:
    """Return the rows that changed after a number, in the order of their changes, and whether there are more."""
    number_waiting(caller.body.id)
    after = selected.where(ListingChange.seq > query.changed_since).order_by(ListingChange.seq)
    rows = read_session().execute(after.limit(query.limit + 1)).all()
    return rows[: query.limit], len(rows) > query.limit


def last_number(rows: Sequence[Any], query: Changes) -> int:
    """Return the number of the last of these changes, from which the next call goes on."""
    return rows[-1].seq if rows else query.changed_since


@operation(
    "GET",
    "/candidacies",
    ApiScope.CANDIDACIES_READ,
    "Les candidatures, dans l’ordre de leurs changements",
    permission=Permission.MANAGE_CANDIDACY,
    query=CandidacyChanges,
    answer=CandidacyPage,
)
def list_candidacies(caller: ApiCaller, query: CandidacyChanges) -> CandidacyPage:
    """Return the candidacies that changed after a number, each as it is now."""
    wanted = [CandidacyListing.stage == query.stage] if query.stage else []
    rows, has_more = read_changes(caller, query, _selected(caller.body.id).where(*wanted))
    return CandidacyPage(_values(read_session(), caller, rows), last_number(rows, query), has_more)


@operation(
    "GET",
    "/candidacies/<uuid:candidacy_id>",
    ApiScope.CANDIDACIES_READ,
    "Une candidature : étape, dates, délais",
    permission=Permission.MANAGE_CANDIDACY,
    answer=CandidacyValue,
)
def read_candidacy(caller: ApiCaller, candidacy_id: UUID) -> CandidacyValue:
    """Return one candidacy."""
    number_waiting(caller.body.id)
    session = read_session()
    rows = _rows(session, _selected(caller.body.id).where(CandidacyListing.candidacy_id == candidacy_id))
    return _values(session, caller, rows)[0] if rows else abort(404)


def _rows(session: Session, query: Select[Any]) -> Sequence[Any]:
    return session.execute(query).all()


def _selected(body_id: UUID) -> Select[*tuple[Any, ...]]:
    candidate, advisor = aliased(Person), aliased(Person)
    return (
        select(
            CandidacyListing,
            Candidacy.regime,
            Candidacy.scope,
            Candidacy.admissible_on,
            ListingChange.seq,
            candidate_display_name(candidate).label("candidate"),
            candidate.email.label("candidate_email"),
            is_erased().label("is_erased"),
            advisor_display_name(advisor).label("advisor"),
            advisor.email.label("advisor_email"),
            Certification.code,
            CertificationVersion.number.label("version"),
            CertificationVersion.title,
        )
        .join(ListingChange, ListingChange.object_id == CandidacyListing.candidacy_id)
        .join(Candidacy, Candidacy.id == CandidacyListing.candidacy_id)
        .join(candidate, candidate.id == Candidacy.candidate_id)
        .outerjoin(advisor, advisor.id == Candidacy.advisor_id)
        .join(CertificationVersion, CertificationVersion.id == CandidacyListing.version_id)
        .join(CertificationVersion.certification)
        .where(ListingChange.body_id == body_id, ListingChange.kind == ListedKind.CANDIDACY)
    )


def _values(session: Session, caller: ApiCaller, rows: Sequence[Any]) -> list[CandidacyValue]:
    """Return candidacies with what stands beside their rows, in three more queries whatever their number."""
    ids = [row.CandidacyListing.candidacy_id for row in rows]
    references = load_references(session, caller.token.namespace, ids)
    blocks, deadlines = _blocks(session, ids), _deadlines(session, ids)
    return [
        CandidacyValue(
            id=listed.candidacy_id,
            changed_seq=row.seq or 0,
            external_reference=references.get(listed.candidacy_id),
            certification=CertificationRef(row.code, row.version, row.title),
            route=listed.route,
            procedure=row.regime,
            scope=row.scope,
            blocks=blocks.get(listed.candidacy_id, []),
            stage=listed.stage,
            stage_since=listed.stage_since,
            opened_at=listed.opened_at,
            admissible_on=row.admissible_on,
            candidate=None if row.is_erased else PersonValue(row.candidate, row.candidate_email),
            advisor=PersonValue(row.advisor or "", row.advisor_email) if row.advisor_email else None,
            jury_on=listed.jury_on,
            session_id=listed.session_id,
            deadlines=deadlines.get(listed.candidacy_id, []),
            url=base_url() + url_for("certifier.candidacies.candidacy", candidacy_id=listed.candidacy_id),
        )
        for row in rows
        for listed in [row.CandidacyListing]
    ]


def _blocks(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[BlockRef]]:
    query = (
        select(candidacy_block.c.candidacy_id, Block.number, Block.title)
        .join(Block, Block.id == candidacy_block.c.block_id)
        .where(candidacy_block.c.candidacy_id.in_(ids))
        .order_by(Block.number)
    )
    found: dict[UUID, list[BlockRef]] = {}
    for candidacy_id, number, title in session.execute(query):
        found.setdefault(candidacy_id, []).append(BlockRef(number, title))
    return found


def _deadlines(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[DeadlineValue]]:
    query = select(OpenDeadline.candidacy_id, OpenDeadline.kind, OpenDeadline.until)
    found: dict[UUID, list[DeadlineValue]] = {}
    for candidacy_id, kind, until in session.execute(
        query.where(OpenDeadline.candidacy_id.in_(ids)).order_by(OpenDeadline.until, OpenDeadline.kind)
    ):
        found.setdefault(candidacy_id, []).append(DeadlineValue(kind, until))
    return found


@operation(
    "POST",
    "/candidacies",
    ApiScope.CANDIDACIES_WRITE,
    "Ouvrir des candidatures, de une à cent : une réponse par ligne",
    permission=Permission.MANAGE_CANDIDACY,
    body=Opening,
    answer=Opened,
)
def open_candidacies(db: Session, caller: ApiCaller, body: Opening) -> Opened:
    """Open each line that no rule refuses; a line whose reference is known changes nothing."""
    lines = body.candidacies
    known = find_referenced(
        db, caller.token.namespace, [line.external_reference for line in lines if line.external_reference]
    )
    twice, versions = _repeated(lines), _versions(db, caller.body.id, lines)
    found = [_open(db, caller, index, line, known, twice, versions) for index, line in enumerate(lines)]
    counts = Counter(line.outcome for line in found)
    record_event(
        db, "api_candidacies_opened", ("api_token", caller.token.id), by=caller.token.made_by, at=now(), **counts
    )
    return Opened(counts["opened"], counts["known"], counts["refused"], found)


def _repeated(lines: Sequence[OpeningLine]) -> frozenset[str]:
    """Return the references and addresses that stand on several lines of one call."""
    references = Counter(line.external_reference for line in lines if line.external_reference)
    people = Counter((normalise_email(line.email), line.certification) for line in lines)
    return frozenset(
        [each for each, times in references.items() if times > 1]
        + [email for (email, _), times in people.items() if times > 1]
    )


def _open(
    db: Session,
    caller: ApiCaller,
    index: int,
    line: OpeningLine,
    known: Mapping[str, UUID],
    twice: frozenset[str],
    versions: _Versions,
) -> OpenedLine:
    reference = line.external_reference
    if reference is not None and reference in known:
        return OpenedLine(index, "known", known[reference], reference)
    if reference in twice:
        return OpenedLine(
            index, "refused", None, reference, "reference_twice", words.REFERENCE_TWICE.format(reference=reference)
        )
    if normalise_email(line.email) in twice:
        return OpenedLine(index, "refused", None, reference, "email_twice", words.EMAIL_TWICE)
    try:
        with db.begin_nested():
            asked = _asked(line, versions)
            candidacy = open_candidacy(db, caller.body.id, asked, by=caller.token.made_by, at=now())
            if reference:
                db.add(
                    CandidacyReference(candidacy_id=candidacy.id, namespace=caller.token.namespace, reference=reference)
                )
                db.flush()
    except Refusal as refusal:
        sentence = refusal_message(refusal)
        return OpenedLine(index, "refused", None, reference, str(refusal.code), sentence)
    except IntegrityError:  # another call has just opened it
        if reference is None:
            raise
        return OpenedLine(
            index, "known", find_referenced(db, caller.token.namespace, [reference])[reference], reference
        )
    except RefusedCallError as refused:
        return OpenedLine(index, "refused", None, reference, refused.problem.code, refused.problem.detail)
    return OpenedLine(index, "opened", candidacy.id, reference)


def _asked(line: OpeningLine, versions: _Versions) -> NewCandidacy:
    """Return what a line asks, as the form does; raise RefusedCallError for what no rule reads."""
    version = versions.get((line.certification, line.version))
    if version is None:
        code = words.UNKNOWN_CERTIFICATION.format(code=clean_line(line.certification))
        raise RefusedCallError(422, code, code="unknown_certification")
    blocks = {block.number: block.id for block in version.blocks}
    unknown = [number for number in line.blocks if number not in blocks]
    if unknown:
        raise RefusedCallError(422, words.UNKNOWN_BLOCK.format(block=unknown[0]), code="unknown_block")
    return NewCandidacy(
        version_id=version.id,
        candidate=_person(line.email, line.name),
        route=line.route,
        regime=line.procedure,
        scope=Scope.BLOCKS if line.blocks else Scope.WHOLE,
        block_ids=tuple(blocks[number] for number in line.blocks),
        admissible_on=line.admissible_on,
        advisor=_person(line.advisor.email, line.advisor.name) if line.advisor else None,
        expiry_override=clean(line.expiry_override).strip(),
        route_override=clean(line.route_override).strip(),
        route_confirmed=line.route_confirmed,
        postal_address=clean(line.postal_address).strip(),
    )


def _person(email: str, name: str) -> PersonInput:
    address, said = clean_line(email), clean_line(name)
    if not EMAIL.fullmatch(address) or not said:
        raise RefusedCallError(422, words.NOT_AN_EMAIL if said else words.value_fault("`str` of length >= 1"))
    return PersonInput(address, said)


def _versions(db: Session, body_id: UUID, lines: Sequence[OpeningLine]) -> _Versions:
    """Return the versions that these lines may name, by code and number; by code alone, the last one."""
    query = (
        select(CertificationVersion)
        .join(CertificationVersion.certification)
        .where(
            *(Certification.body_id == body_id, Certification.code.in_({line.certification for line in lines})),
            CertificationVersion.is_offered,
        )
        .options(contains_eager(CertificationVersion.certification), selectinload(CertificationVersion.blocks))
        .order_by(CertificationVersion.number)
    )
    found: dict[tuple[str, int | None], CertificationVersion] = {}
    for version in db.scalars(query):
        code = version.certification.code
        found[code, version.number] = found[code, None] = version
    return found


@operation(
    "POST",
    "/candidacies/<uuid:candidacy_id>/invitation",
    ApiScope.CANDIDACIES_WRITE,
    "Écrire une nouvelle invitation : le lien d’avant ne sert plus",
    permission=Permission.MANAGE_CANDIDACY,
    answer=Invited,
)
def invite_again(db: Session, caller: ApiCaller, candidacy_id: UUID) -> Invited:
    """Write the candidate a new link."""
    candidacy = db.scalar(
        select(Candidacy)
        .join(Candidacy.version)
        .join(CertificationVersion.certification)
        .where(Candidacy.id == candidacy_id, Certification.body_id == caller.body.id)
    )
    if candidacy is None:
        abort(404)
    why = "candidate" if has_livret2(candidacy.route) else "path"
    to = (candidacy.candidate.email, candidacy.candidate_name)
    invite(db, *to, caller.body.id, by=caller.token.made_by, at=now(), why=why)
    return Invited(candidacy.id)
