"""The certifications on which candidacies are opened, the token that calls, and the description of the API."""

from __future__ import annotations

from flask import Response, abort, render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from portfolio.access.api import ApiCaller
from portfolio.access.decorators import public_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.api_access.rules import CALLS, ApiScope
from portfolio.domain.certification.models import Block, Certification, CertificationVersion
from portfolio.domain.certification.rules.entry import Route, RouteStatus, route_status
from portfolio.domain.jury.rules.conditions import Delays
from portfolio.screens.api.v1.description import described_operations, openapi
from portfolio.screens.api.v1.operations import bp, operation
from portfolio.screens.api.v1.values import (
    BlockFigure,
    BlockValue,
    CertificationList,
    CertificationValue,
    CompetencyValue,
    DelayFigure,
    FiguresOf,
    FiguresValue,
    StepFigure,
    TokenValue,
    YearFigure,
)
from portfolio.screens.certifier.figures.queries import FigureFilter, load_figures
from portfolio.wording import api as words


@operation(
    "GET",
    "/certifications",
    ApiScope.CANDIDACIES_READ,
    "Les certifications sur lesquelles des candidatures s’ouvrent",
    answer=CertificationList,
)
def list_certifications(caller: ApiCaller) -> CertificationList:
    """Return the published versions of the body."""
    return CertificationList(_offered(caller))


@operation(
    "GET",
    "/certifications/<code>",
    ApiScope.CANDIDACIES_READ,
    "Une certification : ses blocs et ses compétences",
    answer=CertificationValue,
)
def read_certification(caller: ApiCaller, code: str) -> CertificationValue:
    """Return the last published version of a certification."""
    return next(iter(_offered(caller, code)), None) or abort(404)


def _offered(caller: ApiCaller, code: str | None = None) -> list[CertificationValue]:
    query = (
        select(CertificationVersion)
        .join(CertificationVersion.certification)
        .where(Certification.body_id == caller.body.id, CertificationVersion.is_offered)
        .where(*([Certification.code == code] if code else []))
        .options(
            joinedload(CertificationVersion.certification),
            selectinload(CertificationVersion.blocks).selectinload(Block.competencies),
        )
        .order_by(Certification.code, CertificationVersion.number.desc())
    )
    return [
        CertificationValue(
            code=version.certification.code,
            version=version.number,
            title=version.title,
            level=version.level,
            routes=[
                route
                for routes in [version.entry_now().get("routes") or ()]
                for route in Route
                if route_status(routes, route) is RouteStatus.OPEN
            ],
            blocks=[
                BlockValue(
                    block.number,
                    block.title,
                    block.option,
                    [CompetencyValue(each.number, each.text) for each in block.competencies],
                )
                for block in version.blocks
            ],
        )
        for version in read_session().scalars(query)
    ]


@operation(
    "GET",
    "/figures",
    ApiScope.FIGURES_READ,
    "Les chiffres de l’organisme : parcours, jurys, blocs, délais, années",
    permission=Permission.MANAGE_SESSION,
    query=FiguresOf,
    answer=FiguresValue,
)
def read_figures(caller: ApiCaller, query: FiguresOf) -> FiguresValue:
    """Return the figures of the body, as its page shows them."""
    wanted = None
    if query.certification is not None:
        owned = (Certification.body_id == caller.body.id, Certification.code == query.certification)
        wanted = read_session().scalar(select(Certification.id).where(*owned)) or abort(404)
    found = load_figures(read_session(), FigureFilter(caller.body.id, wanted, query.year))
    return FiguresValue(
        heard=found.heard,
        absent=found.absent,
        void=found.void,
        steps=[StepFigure(each.step, each.number) for each in found.steps],
        blocks=[
            BlockFigure(each.code, each.number, each.title, each.presented, each.granted, each.refused)
            for each in found.blocks
        ],
        years=[YearFigure(each.year, each.certified, each.by_vae, each.blocks) for each in found.years],
        to_jury=_delay(found.to_jury),
        to_letter=_delay(found.to_letter),
        late_letters=found.late_letters,
    )


def _delay(found: Delays) -> DelayFigure:
    return DelayFigure(found.dossiers, found.median, found.longest)


@operation("GET", "/me", None, "L’accès qui appelle : son organisme, ses droits, sa fin", answer=TokenValue)
def read_token(caller: ApiCaller) -> TokenValue:
    """Return what the token is."""
    token = caller.token
    return TokenValue(token.name, caller.body.name, sorted(token.scopes), token.expires_at)


@bp.get("/openapi.json")
@public_page
def description() -> Response:
    """Return the description of the API (OpenAPI 3.1)."""
    return Response(openapi(), mimetype="application/json")


@bp.get("/")
@public_page
def reference() -> str:
    """Show each operation, what it takes and what it answers."""
    return render_template("api/v1/reference.html", operations=described_operations(), say=words, calls=CALLS)
