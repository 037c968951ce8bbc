"""Published certifications, as the programs that read frameworks of competencies ask for them (1EdTech CASE).

The addresses of versions 1.0 and 1.1 give the same values: a reader of 1.0 ignores what 1.1 adds.
"""

from typing import Annotated, Any
from uuid import UUID

from flask import Blueprint, Response, abort, request
from msgspec import Meta, Struct, ValidationError, convert, json

from portfolio.access.decorators import public_page
from portfolio.db.engine import read_session
from portfolio.domain.certification.rules.case_package import (
    CASE_PATH,
    DOCUMENT,
    Framework,
    associations_of,
    document_of,
    item_of,
    package_of,
)
from portfolio.domain.certification.use_cases.importing import find_framework, list_frameworks
from portfolio.web.headers import FOR_EVERYONE
from portfolio.web.urls import base_url

bp = Blueprint("case", __name__)
_PATHS = (CASE_PATH, CASE_PATH.replace("v1p1", "v1p0"))


class _Page(Struct):
    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


@public_page
def documents() -> Response:
    """Send the documents of the published versions, a hundred at a time."""
    try:
        page = convert(request.args.to_dict(), _Page, strict=False)
    except ValidationError:
        abort(400)
    found = list_frameworks(read_session(), base_url(), limit=page.limit, offset=page.offset)
    return _json({"CFDocuments": [document_of(each) for each in found]})


@public_page
def document(identifier: UUID) -> Response:
    """Send the document of a published version."""
    return _json(document_of(_whole(identifier)))


@public_page
def package(identifier: UUID) -> Response:
    """Send a published version: its document, its items and where each stands."""
    return _json(package_of(_whole(identifier)))


@public_page
def item(identifier: UUID) -> Response:
    """Send a block or a competency."""
    return _json(_item(identifier)[1])


@public_page
def item_associations(identifier: UUID) -> Response:
    """Send a block or a competency with the associations that it stands in."""
    framework, found = _item(identifier)
    return _json({"CFItem": found, "CFAssociations": associations_of(framework, str(identifier))})


for _path in _PATHS:
    _name = _path.rpartition("/")[2]
    for _rule, _view in (
        ("CFDocuments", documents),
        ("CFDocuments/<uuid:identifier>", document),
        ("CFPackages/<uuid:identifier>", package),
        ("CFItems/<uuid:identifier>", item),
        ("CFItemAssociations/<uuid:identifier>", item_associations),
    ):
        bp.add_url_rule(f"{_path}/{_rule}", f"{_view.__name__}_{_name}", _view)


def _found(identifier: UUID) -> Framework:
    return find_framework(read_session(), str(identifier), base_url()) or abort(404)


def _whole(identifier: UUID) -> Framework:
    framework = _found(identifier)
    return framework if framework.identifier(DOCUMENT) == str(identifier) else abort(404)


def _item(identifier: UUID) -> tuple[Framework, dict[str, Any]]:
    framework = _found(identifier)
    return framework, item_of(framework, str(identifier)) or abort(404)


def _json(value: object) -> Response:
    response = Response(json.encode(value), mimetype="application/json")
    response.headers["Cache-Control"] = FOR_EVERYONE
    # A page of another site may read what is public.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    response.make_conditional(request)
    return response
