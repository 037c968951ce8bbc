"""The list of the candidacies of a body.

One page of the candidacies of a body: what is asked of the list, its filters with their counts, its rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import BindParameter, ColumnElement, Select, and_, select, union_all
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.db.paging import MAX_COUNT, BoundedCount, Order, Page, count_rows, load_page
from portfolio.db.trigrams import WordSearch, search_words
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import name_order
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.candidacy.rules.missed_deadlines import NEAR
from portfolio.domain.candidacy.rules.stage import Stage
from portfolio.domain.candidacy_listing.models import CANDIDACY_TRIGRAMS, NO_DAY, CandidacyListing, ListingCount
from portfolio.domain.candidacy_listing.rules import ADVISOR, STAGE, outcome_from_text
from portfolio.domain.candidacy_listing.use_cases import count_narrowed
from portfolio.domain.certification.models import Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.email.rules import plain_words
from portfolio.domain.holdings.use_cases.status_history import CandidacyOutcome
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.french_text import date_fr
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.candidacies.queries import CandidacySummary, select_summaries
from portfolio.web.clock import today
from portfolio.web.exports import CSV, ODS, export_response
from portfolio.web.listing import Filter, Listing, ListState, Option, Sort, read_state
from portfolio.wording.candidacy import EXPORT_HEADER, LIST_DEADLINES, ROUTES_SHORT, STAGES, export_row
from portfolio.wording.group_acts import BUTTONS
from portfolio.wording.holdings.grants import outcome_message

bp = blueprint_of(__name__)

# How an address names each stage.
STAGE_SLUGS = {
    "invitations": Stage.INVITED,
    "redaction": Stage.WRITING,
    "sans-jury": Stage.SEALED,
    "jury-fixe": Stage.CALLED,
    "resultats": Stage.DECIDED,
    "acquis": Stage.OBTAINED,
    "fermees": Stage.CLOSED,
}
STAGE_FILTER, VERSION, ROUTE, ADVISOR_FILTER, SESSION, DEADLINE = (
    "etape",
    "fiche",
    "voie",
    "suivi",
    "session",
    "delai",
)
NOBODY, PASSED, SOON, TO_NOTIFY = "personne", "depasse", "proche", "a-notifier"
# A drop-down holds so many values at most; other people are found by their name.
MAX_OPTIONS = 60

_ROW = CandidacyListing
SORTS = (
    Sort("recent", "La plus récente d’abord", Order((_ROW.opened_at, _ROW.candidacy_id), descending=True)),
    Sort("ancien", "La plus ancienne d’abord", Order((_ROW.opened_at, _ROW.candidacy_id))),
    Sort("nom", "Par nom", Order((_ROW.sort_name, _ROW.candidacy_id))),
    Sort("delai", "Le délai le plus proche d’abord", Order((_ROW.deadline_on, _ROW.candidacy_id))),
)


@dataclass(frozen=True)
class ListedCandidacy:
    """One candidacy of the list: what its row tells, its stage, its nearest delay, the result of its last jury."""

    row: CandidacySummary
    stage: Stage
    deadline_on: date | None
    outcome: CandidacyOutcome | None


@dataclass(frozen=True)
class StageCounts:
    """Number of candidacies that a body has at each stage."""

    numbers: Mapping[Stage, int]

    @property
    def total(self) -> int:
        """Return how many candidacies the body has."""
        return sum(self.numbers.values())


def load_filters(session: Session, body_id: UUID, asked: Mapping[str, str], today: date) -> tuple[Filter, ...]:
    """Return the filters of the list with the values that they offer, in four queries."""
    counts, followed = _load_counts(session, body_id)
    stages = tuple(
        Option(slug, STAGES[stage], counts.numbers.get(stage, 0))
        for slug, stage in STAGE_SLUGS.items()
        if counts.numbers.get(stage) or asked.get(STAGE_FILTER) == slug
    )
    return (
        Filter(STAGE_FILTER, "Étape", stages, is_shortcut=True, total=counts.total),
        Filter(VERSION, "Certification", version_options(session, body_id)),
        Filter(ROUTE, "Voie", tuple(Option(route.value, label) for route, label in ROUTES_SHORT.items())),
        Filter(
            ADVISOR_FILTER,
            "Suivi par",
            _advisors(session, followed, asked.get(ADVISOR_FILTER, "")),
            every="Tout le monde",
        ),
        Filter(SESSION, "Session de jury", _sessions(session, body_id, asked.get(SESSION, ""), today)),
        Filter(DEADLINE, "Délai", tuple(Option(value, label) for value, label in LIST_DEADLINES.items()), every="Tous"),
    )


def version_options(session: Session, body_id: UUID) -> tuple[Option, ...]:
    """Return the published versions of a body as a filter offers them; nothing while there is only one."""
    query = (
        select(CertificationVersion.id, Certification.code, CertificationVersion.title, CertificationVersion.number)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == body_id, CertificationVersion.is_offered)
        .order_by(Certification.code, CertificationVersion.number.desc())
        .limit(MAX_OPTIONS)
    )
    found = session.execute(query).all()
    if len(found) < 2:
        return ()
    return tuple(Option(row.id.hex, f"{row.code} · {row.title[:60]} (version {row.number})") for row in found)


def _load_counts(session: Session, body_id: UUID) -> tuple[StageCounts, Mapping[str, int]]:
    """Return the counts by stage, and by person for those who follow the most open candidacies, in one query."""
    columns = (ListingCount.facet, ListingCount.value, ListingCount.number)
    counted = select(*columns).where(ListingCount.body_id == body_id, ListingCount.number > 0)
    most = (
        counted.where(ListingCount.facet == ADVISOR).order_by(ListingCount.number.desc()).limit(MAX_OPTIONS).subquery()
    )
    rows: Sequence[Any] | None = count_narrowed(session)
    if rows is None:
        rows = session.execute(union_all(counted.where(ListingCount.facet == STAGE), select(most))).all()
    stages = {Stage(value): number for facet, value, number in rows if facet == STAGE}
    return StageCounts(stages), {value: number for facet, value, number in rows if facet == ADVISOR}


def _advisors(session: Session, numbers: Mapping[str, int], asked: str) -> tuple[Option, ...]:
    """List those who follow the most open candidacies, with how many; the one asked for is listed when among them."""
    ids = {key for value in (*numbers, asked) if (key := read_id(value)) is not None}
    people = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    # Nobody learns the name of an account by its id: only people who follow a candidacy of this body are
    # named.
    named = tuple(
        Option(row.id.hex, row.name, numbers.get(row.id.hex))
        for row in sorted(people, key=lambda row: name_order(row.name))
        if row.id.hex in numbers
    )
    nobody = (Option(NOBODY, "Personne", numbers.get("", 0)),) if numbers.get("") or asked == NOBODY else ()
    return nobody + named


def _sessions(session: Session, body_id: UUID, asked: str, today: date) -> tuple[Option, ...]:
    """List the sessions around today; the one asked for is always listed."""
    columns = (JurySession.id, JurySession.held_on, JurySession.place)
    of_body = select(*columns).where(JurySession.body_id == body_id)
    recent = of_body.where(JurySession.held_on <= today + timedelta(days=120)).order_by(
        JurySession.held_on.desc(), JurySession.id
    )
    rows = {row.id: row for row in session.execute(recent.limit(MAX_OPTIONS // 2))}
    if (key := read_id(asked)) is not None and key not in rows:
        rows |= {row.id: row for row in session.execute(of_body.where(JurySession.id == key))}
    return tuple(Option(row.id.hex, f"{date_fr(row.held_on)}, {row.place[:40]}") for row in rows.values())


def read_id(text: str) -> UUID | None:
    """Read an id of an address; None when it is none."""
    try:
        return UUID(text) if len(text) == 32 else None
    except ValueError:
        return None


def search_candidacies(session: Session, body_id: UUID, words: str) -> WordSearch:
    """Return how the candidacies of a body with these words are found."""
    return search_words(session, CANDIDACY_TRIGRAMS, _ROW, body_id, plain_words(words).split())


def conditions_of(state: ListState, searched: WordSearch, today: date) -> tuple[ColumnElement[bool], ...]:
    """Turn what the address asks into conditions on the rows of the list; the search holds the body."""
    return (*searched.condition, *_chosen(state.choices, today))


def _chosen(choices: Mapping[str, str], today: date) -> Iterator[ColumnElement[bool]]:
    for name, value in choices.items():
        if name == STAGE_FILTER:
            yield _ROW.stage == STAGE_SLUGS[value]
        elif name == ROUTE:
            yield _ROW.route == Route(value)
        elif name == VERSION:
            yield _ROW.version_id == read_id(value)
        elif name == SESSION:
            yield _ROW.session_id == read_id(value)
        elif name == ADVISOR_FILTER:
            yield _ROW.advisor_id.is_(None) if value == NOBODY else _ROW.advisor_id == read_id(value)
        elif name == DEADLINE:
            yield _deadline(value, today)


def _deadline(value: str, today: date) -> ColumnElement[bool]:
    if value == TO_NOTIFY:
        return _ROW.to_notify_since.is_not(None)
    if value == PASSED:
        return _ROW.deadline_on < today
    return and_(_ROW.deadline_on >= today, _ROW.deadline_on <= today + NEAR)


def load_candidacies(
    session: Session, body_id: UUID, state: ListState, today: date
) -> tuple[Page, BoundedCount | None]:
    """Read one page of the list, and the count when words or a filter narrow it; None when the counts by
    stage tell it.
    """
    searched = search_candidacies(session, body_id, state.words)
    query = _selected(state, searched, today)
    page = load_page(session, query, state.sort.order, state.position)
    rows = load_listed(session, page.rows)
    has_other = bool(state.words) or any(name != STAGE_FILTER for name in state.choices)
    return replace(page, rows=rows), count_found(session, query, state, searched) if has_other else None


def count_found(session: Session, query: Select[Any], state: ListState, searched: WordSearch) -> BoundedCount:
    """Count the rows of a list up to a limit, without a query when only words were asked and the search told."""
    if not state.choices and searched.number is not None:
        return BoundedCount(searched.number)
    if not state.choices and searched.is_many:
        return BoundedCount(MAX_COUNT, is_more=True)
    return count_rows(session, query)


def _selected(state: ListState, searched: WordSearch, today: date) -> Select[*tuple[Any, ...]]:
    columns = (_ROW.candidacy_id, _ROW.stage, _ROW.deadline_on, _ROW.outcome)
    query: Select[*tuple[Any, ...]] = select(*columns).where(*conditions_of(state, searched, today))
    return query


def load_listed(session: Session, rows: Sequence[Any]) -> tuple[ListedCandidacy, ...]:
    """Return the candidacies of these rows of `candidacy_id`, `stage`, `deadline_on` and `outcome`, in one query.

    With the rows in the same one, PostgreSQL joins all the candidacies before it takes the first: a query of ten
    tables is beyond what it reorders.
    """
    ids = [row[0] for row in rows]
    summaries = {
        row[0]: CandidacySummary(*row) for row in session.execute(select_summaries().where(Candidacy.id.in_(ids)))
    }
    return tuple(_row(summaries[key], stage, day, outcome) for key, stage, day, outcome in rows if key in summaries)


def _row(summary: CandidacySummary, stage: Stage, day: date, outcome: str) -> ListedCandidacy:
    result = outcome_from_text(outcome)
    return ListedCandidacy(
        summary, stage, None if day == NO_DAY else day, CandidacyOutcome(*result) if result is not None else None
    )


def iterate_candidacies(session: Session, body_id: UUID, state: ListState, today: date) -> Iterator[ListedCandidacy]:
    """Yield every candidacy that the list shows, page after page, in its order: memory does not grow."""
    position = replace(state.position, page=1, values=None, is_backwards=False)
    columns = state.sort.order.columns
    query = _selected(state, search_candidacies(session, body_id, state.words), today).add_columns(*columns)
    while True:
        page = load_page(session, query, state.sort.order, position, 500)
        yield from load_listed(session, [row[: -len(columns)] for row in page.rows])
        if page.next is None:
            return
        position = replace(position, values=tuple(page.rows[-1][-len(columns) :]))


def select_latest(body_id: BindParameter[UUID]) -> Select[Any]:
    """Select the candidacies of a body as `load_listed` reads them, with their `moment`: those opened last first."""
    listed: tuple[Any, ...] = (_ROW.candidacy_id, _ROW.stage, _ROW.deadline_on, _ROW.outcome)
    query = select(*listed).add_columns(_ROW.opened_at.label("moment")).where(_ROW.body_id == body_id)
    return query.order_by(*(column.desc() for column in SORTS[0].order.columns))


@bp.get("/candidatures")
@certifier_page(Permission.MANAGE_CANDIDACY)
def candidacies(body: BodyAccess) -> ResponseReturnValue:
    """Show one page of the candidacies, as the address asks."""
    filters = load_filters(read_session(), body.id, request.args, today())
    state = read_state(filters, SORTS)
    if (kind := request.args.get("format")) in (CSV, ODS):
        rows = iterate_candidacies(read_session(), body.id, state, today())
        return export_response(kind, "candidatures", EXPORT_HEADER, (export_row(each) for each in rows))
    page, count = load_candidacies(read_session(), body.id, state, today())
    listing = Listing(
        "certifier.candidacies.candidacies",
        {},
        state,
        filters,
        SORTS,
        page,
        count or _count_of(filters, state),
        "Nom, adresse, numéro de certificat ou de procès-verbal",
        exports=(("csv", "CSV"), ("ods", "Tableur (ODS)")),
    )
    return render_template(
        "certifier/candidacies/list.html",
        listing=listing,
        today=today(),
        outcome_message=outcome_message,
        buttons=BUTTONS,
    )


def _count_of(filters: tuple[Filter, ...], state: ListState) -> BoundedCount:
    """Return the count that the stages tell: of the one asked for, or of all."""
    stages = filters[0]
    chosen = state.choices.get(STAGE_FILTER)
    if chosen is None:
        return BoundedCount(stages.total or 0)
    return BoundedCount(next((option.number or 0 for option in stages.options if option.value == chosen), 0))
