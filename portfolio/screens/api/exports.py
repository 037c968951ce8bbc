"""The lists of the API as files for a spreadsheet: the columns have the names that programs read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Blueprint, Response, abort, request
from msgspec import inspect

from portfolio.access.api import ApiCaller
from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission, allows
from portfolio.domain.api_access.use_cases import CalledToken
from portfolio.screens.api.v1 import candidacies, decided, values
from portfolio.screens.api.v1.operations import OPERATIONS
from portfolio.web.clock import now
from portfolio.web.exports import CSV, ODS, Cell, export_response

bp = Blueprint("exports", __name__)
_PAGE = 200
_NOBODY = UUID(int=0)
# The operation of each list, what it is asked, one of its values.
_LISTS: Mapping[str, tuple[Any, type[Any], type[Any]]] = {
    "candidacies": (candidacies.list_candidacies, values.CandidacyChanges, values.CandidacyValue),
    "sessions": (decided.list_sessions, values.Pages, values.SessionValue),
    "results": (decided.list_results, values.ResultChanges, values.ResultValue),
    "certificates": (decided.list_certificates, values.Changes, values.CertificateValue),
}


@bp.get("/organisme/acces/listes")
@certifier_page(Permission.READ_BODY)
def list_file(body: BodyAccess) -> Response:
    """Send a whole list as CSV or ODS, read page by page as a program would."""
    name, kind = request.args.get("liste", "candidacies"), request.args.get("format", CSV)
    if name not in _LISTS or kind not in (CSV, ODS):
        abort(404)
    view, query, value = _LISTS[name]
    row = next(each for each in OPERATIONS if each.name == view.__name__)
    if not allows(body.standing, row.permission):
        abort(403)
    columns = tuple(columns_of(inspect.type_info(value)))
    # No program asks: nothing is named by a reference of its own.
    token = CalledToken(_NOBODY, body.id, "", frozenset(), _NOBODY, now(), _NOBODY, 0)
    return export_response(kind, name, columns, _rows(view.__wrapped__, query, name, ApiCaller(token, body), columns))


def _rows(view: Any, query: type[Any], name: str, caller: ApiCaller, columns: Sequence[str]) -> Iterator[list[Cell]]:
    asked = {"limit": _PAGE}
    while True:
        page = view(caller, query(**asked))
        for found in getattr(page, name):
            flat = dict(flat_of(msgspec.to_builtins(found, builtin_types=(datetime, date))))
            yield [flat.get(column) for column in columns]
        if not getattr(page, "has_more", page.next):
            return
        asked["cursor" if query is values.Pages else "changed_since"] = page.next


def columns_of(kind: inspect.Type, prefix: str = "") -> Iterator[str]:
    """Yield the columns of a value: a value within it gives its own, after its name and a point."""
    if isinstance(kind, inspect.UnionType):
        kind = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
    if isinstance(kind, inspect.StructType):
        for field in kind.fields:
            yield from columns_of(field.type, f"{prefix}.{field.name}".lstrip("."))
    else:
        yield prefix


def flat_of(value: Any, prefix: str = "") -> Iterator[tuple[str, Cell]]:
    """Yield each column of a value with its cell; a list is one cell."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from flat_of(part, f"{prefix}.{name}".lstrip("."))
    elif isinstance(value, list):
        yield prefix, "; ".join(_said(each) for each in value)
    elif isinstance(value, bool):
        yield prefix, str(value).lower()
    else:
        yield prefix, value


def _said(value: Any) -> str:
    return " ".join(str(part) for part in value.values() if part is not None) if isinstance(value, dict) else str(value)
