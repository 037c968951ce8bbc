"""The certificates of a body: their list, and the identity that they print, put right by new ones (R12)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.access.body import BodyAccess
from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.db.paging import BoundedCount, Order, Page, load_page
from portfolio.db.trigrams import WordSearch, search_words
from portfolio.domain.account.models import Person
from portfolio.domain.candidacy.models import Candidacy, is_erased
from portfolio.domain.candidacy_listing.models import CERTIFICATE_TRIGRAMS, CertificateListing
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.email.rules import plain_words
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant
from portfolio.domain.holdings.rules.status_changes import GrantStatus
from portfolio.domain.holdings.use_cases import identity_correction
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.errors import Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.candidacies.list_views import MAX_OPTIONS, count_found, read_id, version_options
from portfolio.screens.certifier.certificates.equivalences import is_confirmed, store_proof
from portfolio.screens.certifier.certificates.forms import IdentityForm
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.exports import CSV, ODS, export_response
from portfolio.web.forms import refusal_message
from portfolio.web.listing import Filter, Listing, ListState, Option, Sort, read_state
from portfolio.web.request_limits import accepts_file
from portfolio.wording import certificate_list as words
from portfolio.wording.candidacy import birth_message
from portfolio.wording.certificate_list import SCOPE_FILTERS, SORT_LABELS, STATE_FILTERS
from portfolio.wording.holdings import grants

bp = blueprint_of(__name__)

STATE, VERSION, SCOPE, YEAR = "etat", "fiche", "portee", "annee"
_ROW = CertificateListing
SORTS = (
    Sort("recent", SORT_LABELS["recent"], Order((_ROW.obtained_on, _ROW.certificate_id), descending=True)),
    Sort("ancien", SORT_LABELS["ancien"], Order((_ROW.obtained_on, _ROW.certificate_id))),
    Sort("nom", SORT_LABELS["nom"], Order((_ROW.sort_name, _ROW.certificate_id))),
    Sort("numero", SORT_LABELS["numero"], Order((_ROW.number, _ROW.certificate_id))),
)


@dataclass(frozen=True, slots=True)
class ListedCertificate:
    """One certificate of the list; no block when it certifies the whole, no address once its dossier is erased."""

    number: str
    status: GrantStatus
    holder: str
    email: str | None
    code: str
    title: str
    version: int
    block_number: int | None
    block_title: str | None
    obtained_on: date
    # The last day of a block whose validity is limited (R6).
    valid_until: date | None
    issued_at: datetime
    minutes: str | None
    # The candidacy under which its certifier reads it; None when the person never had one of this version.
    candidacy_id: UUID | None


def load_filters(session: Session, body_id: UUID) -> tuple[Filter, ...]:
    """Return the filters of the list, in three queries."""
    states = tuple(Option(slug, label) for slug, (_, label) in STATE_FILTERS.items())
    scopes = tuple(Option(slug, label) for slug, (_, label) in SCOPE_FILTERS.items())
    return (
        Filter(STATE, "État", states, every="Tous", is_shortcut=True),
        Filter(VERSION, "Certification", version_options(session, body_id)),
        Filter(SCOPE, "Ce qu’il certifie", scopes, every="Tout"),
        Filter(YEAR, "Année d’obtention", _years(session, body_id)),
    )


def _years(session: Session, body_id: UUID) -> tuple[Option, ...]:
    """List the years between the first and the last certificate, the latest first: two reads of an index."""
    days = select(_ROW.obtained_on).where(_ROW.body_id == body_id).limit(1)
    first, last = (
        session.scalar(days.order_by(_ROW.obtained_on)),
        session.scalar(days.order_by(_ROW.obtained_on.desc())),
    )
    years = range(last.year, first.year - 1, -1) if first and last else range(0)
    return tuple(Option(str(year), str(year)) for year in years[:MAX_OPTIONS])


def load_certificates(session: Session, body_id: UUID, state: ListState) -> tuple[Page, BoundedCount]:
    """Read one page of the list, and how many certificates it has, in four queries."""
    searched = _search(session, body_id, state.words)
    query = _selected(state, searched)
    page = load_page(session, query, state.sort.order, state.position)
    rows = _listed(session, page.rows)
    return replace(page, rows=rows), count_found(session, query, state, searched)


def _search(session: Session, body_id: UUID, words: str) -> WordSearch:
    return search_words(session, CERTIFICATE_TRIGRAMS, _ROW, body_id, plain_words(words).split())


def iterate_certificates(session: Session, body_id: UUID, state: ListState) -> Iterator[ListedCertificate]:
    """Yield every certificate that the list shows, page after page, in its order: memory does not grow."""
    position = replace(state.position, page=1, values=None, is_backwards=False)
    columns = state.sort.order.columns
    query = _selected(state, _search(session, body_id, state.words)).add_columns(*columns)
    while True:
        page = load_page(session, query, state.sort.order, position, 500)
        yield from _listed(session, [row[: -len(columns)] for row in page.rows])
        if page.next is None:
            return
        position = replace(position, values=tuple(page.rows[-1][-len(columns) :]))


def _selected(state: ListState, searched: WordSearch) -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = select(_ROW.certificate_id, _ROW.person_id, _ROW.version_id).where(
        *searched.condition, *(condition for name, value in state.choices.items() for condition in _chosen(name, value))
    )
    return query


def _chosen(name: str, value: str) -> Iterator[ColumnElement[bool]]:
    if name == STATE:
        yield _ROW.status == STATE_FILTERS[value][0]
    elif name == SCOPE:
        yield _ROW.is_whole.is_(SCOPE_FILTERS[value][0])
    elif name == VERSION:
        yield _ROW.version_id == read_id(value)
    elif name == YEAR:
        yield _ROW.obtained_on >= date(int(value), 1, 1)
        yield _ROW.obtained_on <= date(int(value), 12, 31)


def _listed(session: Session, rows: Sequence[Any]) -> tuple[ListedCertificate, ...]:
    if not rows:
        return ()
    details = {
        row.id: row for row in session.execute(_details().where(_ROW.certificate_id.in_([row[0] for row in rows])))
    }
    candidacies, erased = _candidacies(session, {row[1] for row in rows})
    return tuple(
        _row(details[key], candidacies.get((person, version)), is_erased=(person, version) in erased)
        for key, person, version in rows
        if key in details
    )


def _details() -> Any:
    completing = aliased(Grant)
    return (
        select(
            *(_ROW.certificate_id.label("id"), _ROW.number, _ROW.status, _ROW.obtained_on),
            *(
                Certificate.printed_text,
                Certificate.issued_at,
                Person.name,
                Person.email,
                Certification.code,
                CertificationVersion.title,
            ),
            CertificationVersion.number.label("version"),
            *(Block.number.label("block_number"), Block.title.label("block_title"), Minutes.number.label("minutes")),
        )
        .join(Certificate, Certificate.id == _ROW.certificate_id)
        .join(Person, Person.id == _ROW.person_id)
        .join(CertificationVersion, CertificationVersion.id == _ROW.version_id)
        .join(CertificationVersion.certification)
        .outerjoin(Certificate.grant)
        .outerjoin(Grant.block)
        .outerjoin(Certificate.award)
        .outerjoin(completing, completing.id == Award.completed_by)
        .outerjoin(Minutes, Minutes.id == func.coalesce(Grant.minutes_id, completing.minutes_id))
    )


def _row(row: Any, candidacy_id: UUID | None, *, is_erased: bool) -> ListedCertificate:
    return ListedCertificate(
        row.number,
        row.status,
        row.printed_text.get("holder") or row.name,
        None if is_erased else row.email,
        row.code,
        row.title,
        row.version,
        row.block_number,
        row.block_title,
        row.obtained_on,
        _valid_until(row.printed_text),
        row.issued_at,
        row.minutes,
        candidacy_id,
    )


def _valid_until(printed: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(printed["validity"]["until"]) if "validity" in printed else None


_Key = tuple[UUID, UUID]


def _candidacies(session: Session, people: set[UUID]) -> tuple[dict[_Key, UUID], set[_Key]]:
    """Map a person and a version to their last candidacy, and return apart those of which one was erased."""
    query = (
        select(Candidacy.candidate_id, Candidacy.version_id, Candidacy.id, is_erased().label("is_erased"))
        .where(Candidacy.candidate_id.in_(people))
        .order_by(Candidacy.opened_at, Candidacy.id)
    )
    rows = session.execute(query).all()
    found = {(row.candidate_id, row.version_id): row.id for row in rows}
    return found, {(row.candidate_id, row.version_id) for row in rows if row.is_erased}


@bp.get("/organisme/certificats")
@certifier_page(Permission.MANAGE_CANDIDACY)
def certificates(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the certificates of the body, as the address asks, or the whole list as a file."""
    filters = load_filters(read_session(), body.id)
    state = read_state(filters, SORTS)
    if (kind := request.args.get("format")) in (CSV, ODS):
        rows = iterate_certificates(read_session(), body.id, state)
        return export_response(
            kind, "certificats", words.EXPORT_HEADER, (words.export_row(each, today()) for each in rows)
        )
    page, count = load_certificates(read_session(), body.id, state)
    listing = Listing(
        "certifier.certificates.certificates",
        {},
        state,
        filters,
        SORTS,
        page,
        count,
        "Nom, adresse, numéro de certificat ou de procès-verbal",
        exports=(("csv", "CSV"), ("ods", "Tableur (ODS)")),
    )
    return render_template("certifier/certificates/list.html", listing=listing, say=words, today=today())


@bp.get("/candidatures/<uuid:candidacy_id>/identite")
@candidacy_page(Permission.SIGN)
def identity(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what the certificates that stand print of their holder, and the form that puts it right."""
    page = identity_correction.load_identity_page(read_session(), case.id)
    return _page(case, page, IdentityForm(today(), page.identity, formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/identite")
@accepts_file()
@candidacy_page(Permission.SIGN)
def correct_identity(case: CandidacyAccess) -> ResponseReturnValue:
    """Show which certificates would be issued again, then do it once confirmed; what was typed stays."""
    page = identity_correction.load_identity_page(read_session(), case.id)
    form = IdentityForm(today())
    step, form.step.data = form.step.data, "look"
    if step == "edit":
        return _page(case, page, form)
    form.validate()
    asked = list(form.password.errors)
    if not form.ask_later():
        return _page(case, page, form), 422
    changes = identity_correction.to_rectify(page, form.identity())
    if step != "confirm":
        return _page(case, page, form, changes=changes)
    form.password.errors = asked
    if not is_confirmed(form):
        return _page(case, page, form, changes=changes), 422
    try:
        return _rectified(case, page, form)
    except Refusal as refusal:
        return _page(case, page, form, stopped=refusal_message(refusal)), 409


def _rectified(
    case: CandidacyAccess, page: identity_correction.IdentityPageData, form: IdentityForm
) -> ResponseReturnValue:
    with open_upload_batch() as opened:
        proof = store_proof(opened, form)
        if proof is None:
            return _page(case, page, form, changes=identity_correction.to_rectify(page, form.identity())), error_status(
                form.proof
            )

        def act(db: Session) -> str:
            said = (form.identity(), form.reason.data or "", form.decided_on.data or date.min)
            identity_correction.rectify_identity(db, case.id, *said, proof, by=current_user.id, at=now())
            session["notice"] = (
                "Les certificats rectifiés sont délivrés. Ils attendent la signature de la personne responsable."
            )
            return url_for("public.certificate.results", candidacy_id=case.id)

        return run_once_with_files(opened, form.nonce.data, act)


def _page(case: CandidacyAccess, page: identity_correction.IdentityPageData, form: IdentityForm, **more: Any) -> str:
    context = {"stopped": "", "changes": None, "limit": max_file_bytes()} | more
    return render_template(
        "certifier/certificates/identity.html",
        case=case,
        page=page,
        form=form,
        say=grants,
        birth=birth_message,
        **context,
    )
