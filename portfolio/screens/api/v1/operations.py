"""Operations of the API: one row each, and the guard that reads the token, the scope, the values and the key of a call.

What a row says is what is served, described (`/api/v1/openapi.json`) and crossed by the tests of rights.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import UUID

import msgspec
import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from portfolio.access.api import ApiCaller, find_caller, may_call
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.api_access.rules import CALLS, WINDOW, ApiScope
from portfolio.domain.api_access.use_cases import calls_left, claim_answer, keep_answer, record_call
from portfolio.errors import Refusal
from portfolio.web.clock import now
from portfolio.web.errors import refusal_message
from portfolio.web.headers import answer_errors
from portfolio.wording import api as words

PREFIX = "/api/v1"
bp = Blueprint("v1", __name__, url_prefix=PREFIX)
log = structlog.get_logger("acquis")
JSON, PROBLEM, PDF = "application/json", "application/problem+json", "application/pdf"
_KEY = re.compile(r"[\x21-\x7e]{1,100}")
_AT = re.compile(r" - at `\$(.*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_RETRY_SECONDS = int(WINDOW.total_seconds())


class Fault(msgspec.Struct):
    """A value to correct: where it stands (RFC 6901), and the sentence that says what to do."""

    pointer: str
    sentence: str


class Problem(msgspec.Struct, omit_defaults=True):
    """An answer that is a refusal (RFC 9457), with the sentence that a screen would show."""

    title: str
    status: int
    detail: str = ""
    type: str = "about:blank"
    code: str = ""
    errors: list[Fault] = []


class RefusedCallError(Exception):
    """A call is answered by a problem."""

    def __init__(self, status: int, detail: str, *, code: str = "", errors: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.problem = Problem(words.TITLES[status], status, detail, code=code, errors=list(errors))


class NoValues(msgspec.Struct, forbid_unknown_fields=True):
    """An operation that takes no parameter."""


@dataclass(frozen=True)
class Operation:
    """One row of the API."""

    method: str
    path: str
    name: str
    scope: ApiScope | None
    permission: Permission
    summary: str
    query: type[msgspec.Struct]
    body: type[msgspec.Struct] | None
    answer: type[Any] | None
    status: int
    # What is looked at before the transaction, which waits for nobody outside.
    before: Callable[[Any], None] | None = None

    @property
    def writes(self) -> bool:
        """Tell whether it changes something."""
        return self.method != "GET"


OPERATIONS: list[Operation] = []
# The endpoints of those that write.
WRITES: list[str] = []


def operation(
    method: str,
    path: str,
    scope: ApiScope | None,
    summary: str,
    *,
    answer: type[Any] | None,
    permission: Permission = Permission.READ_BODY,
    query: type[msgspec.Struct] = NoValues,
    body: type[msgspec.Struct] | None = None,
    status: int = 200,
    before: Callable[[Any], None] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Register a view as an operation. It gets the caller, what was asked and the parts of the address; one that
    writes gets the session of its transaction first. It returns a value of the type `answer`, or a response.
    """

    def register(view: Callable[..., Any]) -> Callable[..., Response]:
        row = Operation(method, path, view.__name__, scope, permission, summary, query, body, answer, status, before)
        OPERATIONS.append(row)
        if row.writes:
            WRITES.append(f"api.v1.{row.name}")

        @wraps(view)
        def served(**parts: Any) -> Response:
            return _serve(row, view, parts)

        served.permission = "token"  # type: ignore[attr-defined]  # read by the test of the routes
        bp.add_url_rule(path, view.__name__, served, methods=[method])
        return served

    return register


def _serve(row: Operation, view: Callable[..., Any], parts: Mapping[str, Any]) -> Response:
    begun, caller = time.perf_counter(), None
    try:
        caller = _caller(row)
        response = _answer(row, view, caller, parts)
    except RefusedCallError as refused:
        response = problem_response(refused.problem)
    except Refusal as refusal:
        sentence = refusal_message(refusal)
        response = problem_response(Problem(words.TITLES[409], 409, sentence, code=str(refusal.code)))
    except HTTPException as error:
        response = status_response(error.code or 500)
    if caller is not None:
        _add_limits(response, caller)
        _record(row, caller, parts, response.status_code, begun)
    return response


def _caller(row: Operation) -> ApiCaller:
    caller = find_caller(read_session(), request.headers.get("Authorization", ""), at=now())
    if caller is None:
        raise RefusedCallError(401, words.NO_TOKEN)
    if not calls_left(caller.token):
        raise RefusedCallError(429, words.TOO_MANY.format(calls=CALLS, seconds=_RETRY_SECONDS))
    if not may_call(caller, row.scope, row.permission, writes=row.writes):
        raise RefusedCallError(403, words.NO_SCOPE.format(scope=row.scope))
    return caller


def _answer(row: Operation, view: Callable[..., Any], caller: ApiCaller, parts: Mapping[str, Any]) -> Response:
    asked: dict[str, Any] = {}
    if row.query is not NoValues or request.args:
        asked["query"] = convert(request.args.to_dict(), row.query)
    if row.query is NoValues:
        asked.pop("query", None)
    if row.body is not None:
        asked["body"] = decode(request.get_data(cache=False), row.body)
    if not row.writes:
        value = view(caller, **asked, **parts)
        return value if isinstance(value, Response) else _conditional(_encoded(value, row.status))
    key = _key()
    close_read_session()
    if row.before is not None:
        row.before(asked["body"])
    with transaction() as db:
        digest = hashlib.sha256(msgspec.json.encode([row.name, {**parts}, asked.get("body")])).digest()
        kept = claim_answer(db, caller.token.id, key, digest, at=now()) if key else None
        if kept is not None:
            if not kept.is_same_request:
                raise RefusedCallError(422, words.OTHER_REQUEST)
            return Response(kept.answer, kept.status, {"Idempotent-Replayed": "true"}, mimetype=JSON)
        value = view(db, caller, **asked, **parts)
        text = msgspec.json.encode(value).decode()
        if key:
            # A secret is told once, and kept nowhere.
            kept_value = msgspec.structs.replace(value, secret="") if hasattr(value, "secret") else value
            keep_answer(db, caller.token.id, key, row.status, msgspec.json.encode(kept_value).decode())
    return Response(text, row.status, mimetype=JSON)


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "").strip()
    if key and not _KEY.fullmatch(key):
        raise RefusedCallError(400, words.BAD_KEY)
    return key


def decode(data: bytes, kind: type[Any]) -> Any:
    """Read the body of a call; raise RefusedCallError with the place of what is wrong."""
    if request.mimetype != JSON:
        raise RefusedCallError(415, words.TITLES[415])
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise _wrong_value(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise RefusedCallError(400, words.NOT_JSON) from None


def convert(values: Mapping[str, str], kind: type[Any]) -> Any:
    """Read the parameters of a call; raise RefusedCallError with the name of what is wrong."""
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _wrong_value(error) from None


def _wrong_value(error: msgspec.ValidationError) -> RefusedCallError:
    message = str(error)
    found = _AT.search(message)
    place = "".join(f"/{name or rank}" for name, rank in _STEP.findall(found[1])) if found else ""
    sentence = words.value_fault(message)
    return RefusedCallError(422, sentence, errors=(Fault(place, sentence),))


def _encoded(value: Any, status: int) -> Response:
    return Response(msgspec.json.encode(value), status, mimetype=JSON)


def _conditional(response: Response) -> Response:
    response.add_etag()
    response.make_conditional(request)
    return response


def problem_response(problem: Problem) -> Response:
    """Return a problem as its answer."""
    response = Response(msgspec.json.encode(problem), problem.status, mimetype=PROBLEM)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if problem.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def status_response(status: int) -> Response:
    """Return the problem of a status that no rule of ours gives a sentence."""
    detail = words.UNKNOWN if status == HTTPStatus.NOT_FOUND else ""
    return problem_response(
        Problem(words.TITLES.get(status, words.TITLES[400 if status < 500 else 500]), status, detail)
    )


def _add_limits(response: Response, caller: ApiCaller) -> None:
    left = max(0, calls_left(caller.token) - 1)
    response.headers["RateLimit-Policy"] = f'"token";q={CALLS};w={_RETRY_SECONDS}'
    response.headers["RateLimit"] = f'"token";r={left};t={_RETRY_SECONDS}'


def _record(row: Operation, caller: ApiCaller, parts: Mapping[str, Any], status: int, begun: float) -> None:
    """One short write, whose failure takes no answer away."""
    object_id = next((value.hex if isinstance(value, UUID) else str(value) for value in parts.values()), "")
    close_read_session()
    try:
        with transaction() as db:
            spent = int((time.perf_counter() - begun) * 1000)
            record_call(db, caller.token.id, row.name, object_id, status, spent, at=now())
    except (DBAPIError, NoConnection) as error:
        log.warning("api_call_not_recorded", kind=type(getattr(error, "orig", error)).__name__)


# An error met before or outside the operations is a problem too.
bp.record_once(lambda state: answer_errors(state.app, PREFIX, status_response))
