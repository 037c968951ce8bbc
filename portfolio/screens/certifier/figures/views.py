"""The figures of a body, on a page with charts and tables, and as CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, String, cast, distinct, func, or_, select
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.calendar import day_of
from portfolio.db.engine import read_session
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.candidacy.models import Candidacy, Submission, candidacy_block
from portfolio.domain.candidacy.rules.funnel import Funnel, FunnelStep, Journey, funnel_of
from portfolio.domain.candidacy_listing.models import CertificateListing
from portfolio.domain.certification.models import Certification, CertificationVersion, Competency
from portfolio.domain.certification.rules.case_package import safe_cell
from portfolio.domain.dossier.models.dossier import Claim, Pace
from portfolio.domain.dossier.models.evidence import Evidence
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.conditions import share
from portfolio.domain.jury.rules.enums import Attendance, FindingValue
from portfolio.domain.notification.rules.letter import HELD_STATUSES
from portfolio.files.filenames import attachment_headers
from portfolio.screens.certifier.figures import queries
from portfolio.wording import figures as words

# Active time is counted in slots in which the candidate saved something: « 2026-03-02 20:1 », ten minutes.
SLOT_CHARACTERS, SLOT_MINUTES = 15, 10


def load_funnel(session: Session, *conditions: ColumnElement[bool]) -> Funnel:
    """Return the figures of the candidacies that meet the conditions, on candidacies, versions and certifications."""
    return funnel_of(list_journeys(session, *conditions))


def list_journeys(session: Session, *conditions: ColumnElement[bool]) -> list[Journey]:
    """Read these candidacies, a row each, in one query."""
    ids = _of(select(Candidacy.id), conditions)
    reached = {step: query(ids).subquery() for step, query in _REACHED.items()}
    slots = reached[FunnelStep.ENTERED].c.slots
    query = _of(select(Candidacy.id, Candidacy.opened_at, Candidacy.route, Pace.left_reason, slots), conditions)
    query = query.add_columns(*(found.c.at.label(step) for step, found in reached.items()))
    for found in reached.values():
        query = query.outerjoin(found, found.c.candidacy_id == Candidacy.id)
    return [
        Journey(
            row.route,
            {FunnelStep.INVITED: day_of(row.opened_at)}
            | {step: _day(at) for step in reached if (at := row._mapping[step]) is not None},
            None if row.slots is None else row.slots * SLOT_MINUTES,
            row.left_reason,
        )
        for row in session.execute(query.outerjoin(Pace, Pace.candidacy_id == Candidacy.id))
    ]


_Ids = Select[*tuple[Any, ...]]


def _of(query: _Ids, conditions: Sequence[ColumnElement[bool]]) -> _Ids:
    return query.join(Candidacy.version).join(CertificationVersion.certification).where(*conditions)


def _day(at: date) -> date:
    return day_of(at) if isinstance(at, datetime) else at


def _entered(ids: _Ids) -> _Ids:
    """Select the first act of each candidate, and their active slots until the first seal: what comes after is no
    longer the writing of the dossier.
    """
    first_seal = _sealed(ids).subquery()
    slots = func.count(distinct(func.substr(cast(AuditEvent.occurred_at, String), 1, SLOT_CHARACTERS)))
    return (
        select(Candidacy.id.label("candidacy_id"), func.min(AuditEvent.occurred_at).label("at"), slots.label("slots"))
        .join(AuditEvent, AuditEvent.actor_id == Candidacy.candidate_id)
        .outerjoin(first_seal, first_seal.c.candidacy_id == Candidacy.id)
        .where(Candidacy.id.in_(ids), AuditEvent.occurred_at >= Candidacy.opened_at)
        .where(or_(first_seal.c.at.is_(None), AuditEvent.occurred_at <= first_seal.c.at))
        .group_by(Candidacy.id)
    )


def _first_piece(ids: _Ids) -> _Ids:
    columns = Evidence.candidacy_id, func.min(Evidence.added_at).label("at")
    return select(*columns).where(Evidence.candidacy_id.in_(ids)).group_by(Evidence.candidacy_id)


def _half_covered(ids: _Ids) -> _Ids:
    """Select the moment at which half of the competencies asked for had a piece."""
    of_block = candidacy_block.c.block_id == Competency.block_id
    asked = (
        select(candidacy_block.c.candidacy_id, func.count().label("number"))
        .join(Competency, of_block)
        .where(candidacy_block.c.candidacy_id.in_(ids))
        .group_by(candidacy_block.c.candidacy_id)
    ).subquery()
    at = func.min(Claim.changed_at)
    rank = func.row_number().over(partition_by=Claim.candidacy_id, order_by=at)
    proved = (
        select(Claim.candidacy_id, at.label("at"), rank.label("rank"))
        .join(Claim.evidence)
        .join(Competency, Competency.id == Claim.competency_id)
        .join(candidacy_block, of_block & (candidacy_block.c.candidacy_id == Claim.candidacy_id))
        .where(Claim.candidacy_id.in_(ids), Evidence.removed_at.is_(None))
        .group_by(Claim.candidacy_id, Claim.competency_id)
    ).subquery()
    return (
        select(proved.c.candidacy_id, proved.c.at)
        .join(asked, asked.c.candidacy_id == proved.c.candidacy_id)
        .where(proved.c.rank == (asked.c.number + 1) // 2)
    )


def _sealed(ids: _Ids) -> _Ids:
    columns = Submission.candidacy_id, func.min(Submission.submitted_at).label("at")
    return select(*columns).where(Submission.candidacy_id.in_(ids)).group_by(Submission.candidacy_id)


def _heard(ids: _Ids) -> _Ids:
    came = func.coalesce(Minutes.attendance, Attendance.HEARD) == Attendance.HEARD
    return (
        select(Submission.candidacy_id, func.min(Minutes.decided_on).label("at"))
        .join(Hearing, Hearing.submission_id == Submission.id)
        .join(Minutes, Minutes.hearing_id == Hearing.id)
        .where(Submission.candidacy_id.in_(ids), Minutes.void_reason.is_(None), came)
        .group_by(Submission.candidacy_id)
    )


def _certified(ids: _Ids) -> _Ids:
    """Select the day on which each candidate obtained the whole, held today."""
    of_candidacy = (CertificateListing.person_id == Candidacy.candidate_id) & (
        CertificateListing.version_id == Candidacy.version_id
    )
    return (
        select(Candidacy.id.label("candidacy_id"), func.min(CertificateListing.obtained_on).label("at"))
        .join(CertificateListing, of_candidacy)
        .where(Candidacy.id.in_(ids), CertificateListing.is_whole, CertificateListing.status.in_(HELD_STATUSES))
        .group_by(Candidacy.id)
    )


# How each step is found; the first one is the opening.
_REACHED = {
    FunnelStep.ENTERED: _entered,
    FunnelStep.FIRST_PIECE: _first_piece,
    FunnelStep.HALF_COVERED: _half_covered,
    FunnelStep.SEALED: _sealed,
    FunnelStep.HEARD: _heard,
    FunnelStep.CERTIFIED: _certified,
}


def list_bodies(session: Session) -> Iterator[tuple[str, Funnel]]:
    """Yield each body with its figures, by name."""
    for body in session.scalars(select(CertifyingBody).order_by(CertifyingBody.name, CertifyingBody.id)):
        yield body.name, load_funnel(session, Certification.body_id == body.id)


bp = Blueprint("figures", __name__)


@bp.get("/organisme/chiffres")
@certifier_page(Permission.MANAGE_SESSION)
def figures(body: BodyAccess) -> ResponseReturnValue:
    """Show the figures that the filters of the address keep."""
    chosen, choices = _chosen(body)
    shown = {"figures": queries.load_figures(read_session(), chosen), "chosen": chosen, "choices": choices}
    funnel = load_funnel(read_session(), *queries.of_candidacies(chosen))
    shown |= {"funnel": words.funnel_tables(funnel), "active_minutes": funnel.total.minutes}
    names = {"words": words, "share": share, "values": FindingValue, "query": _query(chosen)}
    return render_template("certifier/figures/figures.html", body=body, **shown, **names)


@bp.get("/organisme/chiffres.csv")
@certifier_page(Permission.MANAGE_SESSION)
def figures_csv(body: BodyAccess) -> ResponseReturnValue:
    """Send the same figures as CSV; no cell is computed by a spreadsheet program."""
    chosen, _choices = _chosen(body)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    funnel = load_funnel(read_session(), *queries.of_candidacies(chosen))
    for row in (*words.table_rows(queries.load_figures(read_session(), chosen)), *words.funnel_rows(funnel)):
        writer.writerow([safe_cell(cell) for cell in row])
    content = "\ufeff" + text.getvalue()
    return Response(content.encode(), headers=attachment_headers("chiffres.csv", "text/csv"))


def _chosen(body: BodyAccess) -> tuple[queries.FigureFilter, queries.FilterChoices]:
    """Read the filters of the address; one that this body does not offer is left out."""
    choices = queries.load_choices(read_session(), body.id)
    year = request.args.get("annee", "")
    return (
        queries.FigureFilter(
            body.id,
            _offered("certification", [id for id, _ in choices.certifications]),
            int(year) if year.isdecimal() and len(year) == 4 and int(year) in choices.years else None,
            _offered("session", [id for id, *_ in choices.sessions]),
            _offered("lieu", [id for id, _ in choices.sites]),
        ),
        choices,
    )


def _offered(name: str, ids: list[UUID]) -> UUID | None:
    return next((id for id in ids if str(id) == request.args.get(name)), None)


def _query(chosen: queries.FigureFilter) -> dict[str, Any]:
    named = {
        "certification": chosen.certification_id,
        "annee": chosen.year,
        "session": chosen.session_id,
        "lieu": chosen.site_id,
    }
    return {name: value for name, value in named.items() if value is not None}
